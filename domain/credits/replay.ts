import { drainLots, type Slice } from './drain.js';
import { type EntryKey, isExpiredAt, keyText, type Lot } from './lot.js';
import { byHistory } from './order.js';
import { type DrainPolicy, drainOrderAt } from './policy.js';
import { type LiveLot, Queue } from './queue.js';
import type { Us } from './time.js';

/** A row of an address's history, as far as its lots follow from it. */
export interface HistoryEntry extends EntryKey {
  readonly atUs: Us;
  /** Positive: given; negative: taken. */
  readonly amount: bigint;
  readonly expiresUs: Us | null;
  /** Gives back into this lot while it is valid; afterwards it is a lot of its own. */
  readonly refundOf: EntryKey | null;
}

export interface Drain extends Slice {
  readonly debit: EntryKey;
}

/** What follows from a history: every lot with what is left of it, every drain, and what debits lacked. */
export interface Projection {
  readonly lots: readonly (Lot & { readonly amount: bigint })[];
  readonly drains: readonly Drain[];
  readonly shortfalls: readonly { readonly debit: EntryKey; readonly amount: bigint }[];
}

/** Replays one address's history, in any order given, under the policies of its time. */
export function replay(
  history: readonly HistoryEntry[],
  policies: readonly DrainPolicy[],
): Projection {
  const lots = new Map<string, LiveLot>();
  const queue = new Queue();
  const drains: Drain[] = [];
  const shortfalls: { debit: EntryKey; amount: bigint }[] = [];
  for (const entry of [...history].sort(byHistory)) {
    if (entry.amount > 0n) {
      give(lots, queue, entry);
      continue;
    }
    const { ref, index } = entry;
    const debit = { ref, index };
    const { slices, short } = take(lots, queue, entry, policies);
    for (const slice of slices) drains.push({ debit, ...slice });
    if (short > 0n) shortfalls.push({ debit, amount: short });
  }
  return { lots: [...lots.values()], drains, shortfalls };
}

function give(lots: Map<string, LiveLot>, queue: Queue, entry: HistoryEntry): void {
  const source = entry.refundOf === null ? undefined : lots.get(keyText(entry.refundOf));
  if (source !== undefined && !isExpiredAt(source.expiresUs, entry.atUs)) {
    source.remaining += entry.amount;
    queue.add(source);
    return;
  }
  const { ref, index, atUs, expiresUs, amount } = entry;
  const lot = { ref, index, grantedUs: atUs, expiresUs, amount, remaining: amount };
  lots.set(keyText(lot), lot);
  queue.add(lot);
}

function take(
  lots: ReadonlyMap<string, LiveLot>,
  queue: Queue,
  { atUs, amount }: HistoryEntry,
  policies: readonly DrainPolicy[],
): { slices: readonly Slice[]; short: bigint } {
  const needed = queue.first(-amount, drainOrderAt(policies, atUs), atUs);
  const [drained] = drainLots(needed, [-amount]);
  if (drained === undefined) return { slices: [], short: -amount };
  for (const slice of drained.slices) {
    const lot = lots.get(keyText(slice.lot));
    if (lot !== undefined) lot.remaining -= slice.amount;
  }
  queue.dropEmpty();
  return drained;
}
