import { keyText } from '../../../domain/credits/lot.js';
import type { Projection } from '../../../domain/credits/replay.js';
import type { Stored, StoredDrain, StoredLot, StoredShortfall } from './read.js';

/** The rows to remove and to add, so that the stored rows are those that the replay of the history gives. */
export interface Difference {
  readonly lots: Change<StoredLot>;
  readonly drains: Change<StoredDrain>;
  readonly shortfalls: Change<StoredShortfall>;
}

export interface Change<T> {
  readonly remove: readonly T[];
  readonly add: readonly T[];
}

export function isSame({ lots, drains, shortfalls }: Difference): boolean {
  return [lots, drains, shortfalls].every(
    ({ remove, add }) => remove.length === 0 && add.length === 0,
  );
}

export function compareProjection(stored: Stored, projection: Projection): Difference {
  // A processed expiry stays processed; only what was left at it can change.
  const expired = new Set(
    stored.lots.flatMap((lot) => (lot.place === 'past' && lot.left > 0n ? [keyText(lot)] : [])),
  );
  const lots = projection.lots.map((lot): StoredLot => {
    const { ref, index, amount, grantedUs, expiresUs, remaining } = lot;
    const over = remaining === 0n || (expired.size > 0 && expired.has(keyText(lot)));
    const place = over ? 'past' : 'live';
    return { ref, index, place, amount, left: remaining, grantedUs, expiresUs };
  });
  return {
    lots: changeOf(stored.lots, lots, keyText, sameLot),
    drains: changeOf(stored.drains, projection.drains.map(plainDrain), drainKey, sameAmount),
    shortfalls: changeOf(
      stored.shortfalls,
      projection.shortfalls,
      ({ debit }) => keyText(debit),
      sameAmount,
    ),
  };
}

function changeOf<T>(
  stored: readonly T[],
  expected: readonly T[],
  keyOf: (row: T) => string,
  same: (a: T, b: T) => boolean,
): Change<T> {
  if (stored.length === 0) return { remove: [], add: expected };
  const before = new Map(stored.map((row) => [keyOf(row), row]));
  const add: T[] = [];
  for (const row of expected) {
    const key = keyOf(row);
    const was = before.get(key);
    if (was !== undefined && same(was, row)) before.delete(key);
    else add.push(row);
  }
  return { remove: [...before.values()], add };
}

function sameLot(a: StoredLot, b: StoredLot): boolean {
  return (
    a.place === b.place &&
    a.amount === b.amount &&
    a.left === b.left &&
    a.grantedUs === b.grantedUs &&
    a.expiresUs === b.expiresUs
  );
}

function sameAmount(a: { readonly amount: bigint }, b: { readonly amount: bigint }): boolean {
  return a.amount === b.amount;
}

function plainDrain({ debit, lot, amount }: StoredDrain): StoredDrain {
  return { debit, lot, amount };
}

export function drainKey({ debit, lot }: Omit<StoredDrain, 'amount'>): string {
  return `${JSON.stringify(debit.ref)}/${debit.index}/${keyText(lot)}`;
}
