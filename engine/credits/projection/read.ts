import type { ClientBase } from 'pg';
import type { EntryKey, LedgerName } from '../../../domain/credits/lot.js';
import type { HistoryEntry } from '../../../domain/credits/replay.js';
import type { Us } from '../../../domain/credits/time.js';
import { textArray } from './array-literals.js';
import type { RefundOf } from '../history-rows.js';

/** A history row for a replay, with its payment method (which decides whether a debit must be covered) and its refund. */
export type ReplayRow = HistoryEntry & {
  readonly paymentMethod: string | null;
  readonly refund: RefundOf | null;
};

/** Rows as arrays, which take half the time to parse. The first column is the place of the address in the request. */
type RowOf<Columns extends readonly unknown[]> = readonly [place: number, ...columns: Columns];

function arraysOf(
  query: { readonly name: string; readonly text: string },
  ledger: LedgerName,
  addresses: readonly string[],
): { name: string; text: string; values: string[]; rowMode: 'array' } {
  return { ...query, values: [ledger, textArray(addresses)], rowMode: 'array' };
}

/** The rows of each address, in the order of the addresses. */
function byPlace<Columns extends readonly unknown[], T>(
  addresses: readonly string[],
  rows: readonly RowOf<Columns>[],
  read: (columns: Columns) => T,
): readonly T[][] {
  const found = addresses.map((): T[] => []);
  for (const [place, ...columns] of rows) found[place - 1]?.push(read(columns));
  return found;
}

type HistoryColumns = [
  ref: string,
  index: number,
  amount: bigint,
  atUs: Us,
  expiresUs: Us | null,
  lotRef: string | null,
  lotIndex: number | null,
  debitRef: string | null,
  debitIndex: number | null,
  paymentMethod: string | null,
];

const HISTORIES = {
  name: 'credits-histories',
  text: `
    select place::integer, h.* from unnest($2::text[]) with ordinality requested(address, place) cross join lateral (
      select credit_ref, credit_index, amount, to_us(at), to_us(expires_at), refund_lot_ref, refund_lot_index,
        refund_debit_ref, refund_debit_index, payment_method
      from credit_history where ledger = $1 and address = requested.address order by at, credit_ref, credit_index) h`,
};

/** The histories of addresses, in the order of the addresses. */
export async function readHistories(
  tx: ClientBase,
  ledger: LedgerName,
  addresses: readonly string[],
): Promise<readonly (readonly ReplayRow[])[]> {
  const query = arraysOf(HISTORIES, ledger, addresses);
  const { rows } = await tx.query<[number, ...HistoryColumns]>(query);
  return byPlace(addresses, rows, replayRow);
}

function replayRow(columns: HistoryColumns): ReplayRow {
  const [ref, index, amount, atUs, expiresUs, lotRef, lotIndex] = columns;
  const [, , , , , , , debitRef, debitIndex, paymentMethod] = columns;
  const refundOf = keyOf(lotRef, lotIndex);
  const debit = keyOf(debitRef, debitIndex);
  const refund = debit === null || refundOf === null ? null : { debit, lot: refundOf };
  return { ref, index, amount, atUs, expiresUs, refundOf, refund, paymentMethod };
}

function keyOf(ref: string | null, index: number | null): EntryKey | null {
  return ref === null || index === null ? null : { ref, index };
}

export async function readHistoryOf(
  tx: ClientBase,
  ledger: LedgerName,
  address: string,
): Promise<readonly ReplayRow[]> {
  const [history = []] = await readHistories(tx, ledger, [address]);
  return history;
}

/** A lot as it is stored: live, or past with what was left when it expired. */
export interface StoredLot extends EntryKey {
  readonly place: 'live' | 'past';
  readonly amount: bigint;
  readonly left: bigint;
  readonly grantedUs: Us;
  readonly expiresUs: Us | null;
}

export interface StoredDrain {
  readonly debit: EntryKey;
  readonly lot: EntryKey;
  readonly amount: bigint;
}

export interface StoredShortfall {
  readonly debit: EntryKey;
  readonly amount: bigint;
}

/** The stored rows of an address. */
export interface Stored {
  readonly lots: readonly StoredLot[];
  readonly drains: readonly StoredDrain[];
  readonly shortfalls: readonly StoredShortfall[];
}

const LOTS = {
  name: 'credits-stored-lots',
  text: `
    select place::integer, l.* from unnest($2::text[]) with ordinality requested(address, place) cross join lateral (
      select true, credit_ref, credit_index, amount, remaining, to_us(granted_at), to_us(expires_at)
      from credit_lots where ledger = $1 and address = requested.address
      union all
      select false, credit_ref, credit_index, amount, expired, to_us(granted_at), to_us(expires_at)
      from credit_past_lots where ledger = $1 and address = requested.address) l`,
};

const DRAINS = {
  name: 'credits-stored-drains',
  text: `
    select place::integer, debit_ref, debit_index, lot_ref, lot_index, amount
    from unnest($2::text[]) with ordinality requested(address, place)
    join credit_drains d on d.ledger = $1 and d.address = requested.address`,
};

const SHORTFALLS = {
  name: 'credits-stored-shortfalls',
  text: `
    select place::integer, debit_ref, debit_index, amount
    from unnest($2::text[]) with ordinality requested(address, place)
    join credit_shortfalls s on s.ledger = $1 and s.address = requested.address`,
};

type LotColumns = [boolean, string, number, bigint, bigint, Us, Us | null];
type DrainColumns = [string, number, string, number, bigint];
type ShortfallColumns = [string, number, bigint];

/** The stored rows of addresses, in the order of the addresses. */
export async function readStored(
  tx: ClientBase,
  ledger: LedgerName,
  addresses: readonly string[],
): Promise<readonly Stored[]> {
  const lots = await tx.query<[number, ...LotColumns]>(arraysOf(LOTS, ledger, addresses));
  const drains = await tx.query<[number, ...DrainColumns]>(arraysOf(DRAINS, ledger, addresses));
  const shorts = await tx.query<[number, ...ShortfallColumns]>(
    arraysOf(SHORTFALLS, ledger, addresses),
  );
  const lotsOf = byPlace(addresses, lots.rows, storedLot);
  const drainsOf = byPlace(addresses, drains.rows, storedDrain);
  const shortsOf = byPlace(addresses, shorts.rows, storedShortfall);
  return addresses.map((_, place) => ({
    lots: lotsOf[place] ?? [],
    drains: drainsOf[place] ?? [],
    shortfalls: shortsOf[place] ?? [],
  }));
}

function storedLot([live, ref, index, amount, left, grantedUs, expiresUs]: LotColumns): StoredLot {
  return { ref, index, place: live ? 'live' : 'past', amount, left, grantedUs, expiresUs };
}

function storedDrain([debitRef, debitIndex, lotRef, lotIndex, amount]: DrainColumns): StoredDrain {
  return {
    debit: { ref: debitRef, index: debitIndex },
    lot: { ref: lotRef, index: lotIndex },
    amount,
  };
}

function storedShortfall([ref, index, amount]: ShortfallColumns): StoredShortfall {
  return { debit: { ref, index }, amount };
}
