import type { ClientBase } from 'pg';
import type { EntryKey, LedgerName } from '../../domain/credits/lot.js';

export interface DrainRow {
  readonly address: string;
  readonly debit: EntryKey;
  readonly lot: EntryKey;
  readonly amount: bigint;
}

export interface ShortfallRow {
  readonly address: string;
  readonly debit: EntryKey;
  readonly amount: bigint;
}

/** Takes what was planned from live lots whose accounts are locked; emptied ones leave the live table. */
export async function takeFromLots(
  tx: ClientBase,
  ledger: LedgerName,
  drains: readonly DrainRow[],
): Promise<void> {
  if (drains.length === 0) return;
  const { rows } = await tx.query<{ agreed: boolean }>(
    `with taken as (
       select * from unnest($2::text[], $3::text[], $4::integer[], $5::text[], $6::integer[], $7::bigint[])
         as t(address, debit_ref, debit_index, lot_ref, lot_index, amount)),
     sums as (
       select address, lot_ref, lot_index, sum(amount)::bigint as amount from taken group by 1, 2, 3),
     drained as (
       insert into credit_drains (ledger, address, debit_ref, debit_index, lot_ref, lot_index, amount)
       select $1, * from taken),
     reduced as (
       update credit_lots l set remaining = l.remaining - s.amount from sums s
       where l.ledger = $1 and l.address = s.address and l.credit_ref = s.lot_ref and l.credit_index = s.lot_index
         and l.remaining > s.amount returning 1),
     emptied as (
       delete from credit_lots l using sums s
       where l.ledger = $1 and l.address = s.address and l.credit_ref = s.lot_ref and l.credit_index = s.lot_index
         and l.remaining = s.amount returning l.*),
     moved as (
       insert into credit_past_lots
         (ledger, address, credit_ref, credit_index, amount, expired, granted_at, expires_at)
       select ledger, address, credit_ref, credit_index, amount, 0, granted_at, expires_at from emptied)
     select (select count(*) from reduced) + (select count(*) from emptied) = (select count(*) from sums) as agreed`,
    [
      ledger,
      drains.map(({ address }) => address),
      drains.map(({ debit }) => debit.ref),
      drains.map(({ debit }) => debit.index),
      drains.map(({ lot }) => lot.ref),
      drains.map(({ lot }) => lot.index),
      drains.map(({ amount }) => amount),
    ],
  );
  if (rows[0]?.agreed !== true)
    throw new Error('a lot is not what it was when the drain was planned');
}

export async function insertShortfalls(
  tx: ClientBase,
  ledger: LedgerName,
  shortfalls: readonly ShortfallRow[],
): Promise<void> {
  if (shortfalls.length === 0) return;
  await tx.query(
    `insert into credit_shortfalls (ledger, address, debit_ref, debit_index, amount)
     select $1, * from unnest($2::text[], $3::text[], $4::integer[], $5::bigint[])`,
    [
      ledger,
      shortfalls.map(({ address }) => address),
      shortfalls.map(({ debit }) => debit.ref),
      shortfalls.map(({ debit }) => debit.index),
      shortfalls.map(({ amount }) => amount),
    ],
  );
}
