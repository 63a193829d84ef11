import { HISTORY_COLUMNS, HISTORY_RECORD } from './history-rows.js';

/** What an operation writes besides its history rows. Each combination has a statement that writes only what it must. */
export interface Writes {
  readonly drains: boolean;
  readonly grants: boolean;
  readonly refunds: boolean;
  readonly shortfalls: boolean;
}

/** $1 ledger, $2 reference, $3 time, $4 rows. Lots and accounts are changed only if every row was new. */
const HISTORY = `
  with row as materialized (
    select * from jsonb_to_recordset($4) as r(${HISTORY_RECORD}, short bigint, late boolean)),
  written as (
    insert into credit_history (ledger, credit_ref, at, ${HISTORY_COLUMNS})
    select $1, $2, $3::timestamptz, ${HISTORY_COLUMNS} from row
    on conflict (ledger, credit_ref, credit_index) do nothing returning 1),
  fresh as materialized (
    select row.* from row
    where late is null and (select count(*) from written) = (select count(*) from row)),
  moved_accounts as (
    update credit_accounts a set granted = a.granted + s.granted, returned_at = greatest(a.returned_at, s.returned_at),
      debit_at = case when s.debit_index is null then a.debit_at else $3::timestamptz end,
      debit_ref = case when s.debit_index is null then a.debit_ref else $2 end,
      debit_index = case when s.debit_index is null then a.debit_index else s.debit_index end
    from (
      select address, coalesce(sum(amount) filter (where amount > 0), 0)::bigint as granted,
        max(credit_index) filter (where amount < 0) as debit_index,
        max($3::timestamptz) filter (where refund_debit_ref is not null) as returned_at
      from fresh group by address) s
    where a.ledger = $1 and a.address = s.address)`;

/** $5: drains. Emptied lots move to credit_past_lots. */
const DRAINS = `,
  slices as materialized (
    select t.* from jsonb_to_recordset($5)
      as t(address text, debit_index integer, lot_ref text, lot_index integer, amount bigint)
    where exists (select from fresh)),
  sums as materialized (
    select address, lot_ref, lot_index, sum(amount)::bigint as amount from slices group by 1, 2, 3),
  drained as (
    insert into credit_drains (ledger, address, debit_ref, debit_index, lot_ref, lot_index, amount)
    select $1, address, $2, debit_index, lot_ref, lot_index, amount from slices),
  reduced as (
    update credit_lots l set remaining = l.remaining - s.amount from sums s
    where l.ledger = $1 and l.address = s.address and l.credit_ref = s.lot_ref and l.credit_index = s.lot_index
      and l.remaining > s.amount returning 1),
  emptied as (
    delete from credit_lots l using sums s
    where l.ledger = $1 and l.address = s.address and l.credit_ref = s.lot_ref and l.credit_index = s.lot_index
      and l.remaining = s.amount returning l.*),
  past as (
    insert into credit_past_lots (ledger, address, credit_ref, credit_index, amount, expired, granted_at, expires_at)
    select ledger, address, credit_ref, credit_index, amount, 0, granted_at, expires_at from emptied)`;

/** Whether every drained lot was found with at least what was drained. */
const LOTS_MATCHED = `(select count(*) from reduced) + (select count(*) from emptied) = (select count(*) from sums)`;

/** A refund goes back to its lot while that is valid, whether the lot is live or was emptied. */
const REFUNDS = `,
  refunds as materialized (
    select f.credit_index as own_index, f.address, f.refund_lot_ref as ref, f.refund_lot_index as index, f.amount, lot.live
    from fresh f cross join lateral (
      select true as live from credit_lots l
      where l.ledger = $1 and l.address = f.address and l.credit_ref = f.refund_lot_ref
        and l.credit_index = f.refund_lot_index and (l.expires_at is null or l.expires_at > $3::timestamptz)
      union all
      select false from credit_past_lots p
      where p.ledger = $1 and p.address = f.address and p.credit_ref = f.refund_lot_ref
        and p.credit_index = f.refund_lot_index and (p.expires_at is null or p.expires_at > $3::timestamptz)) lot),
  refunded as materialized (
    select address, ref, index, live, sum(amount)::bigint as amount from refunds group by 1, 2, 3, 4),
  refilled as (
    update credit_lots l set remaining = l.remaining + r.amount from refunded r
    where r.live and l.ledger = $1 and l.address = r.address and l.credit_ref = r.ref and l.credit_index = r.index),
  removed as (
    delete from credit_past_lots p using refunded r
    where not r.live and p.ledger = $1 and p.address = r.address and p.credit_ref = r.ref and p.credit_index = r.index
    returning p.*, r.amount as refunded),
  revived as (
    insert into credit_lots (ledger, address, credit_ref, credit_index, amount, remaining, granted_at, expires_at)
    select ledger, address, credit_ref, credit_index, amount, refunded, granted_at, expires_at from removed)`;

const grants = (unless: string): string => `,
  granted as (
    insert into credit_lots (ledger, address, credit_ref, credit_index, amount, remaining, granted_at, expires_at)
    select $1, address, $2, credit_index, amount, amount, $3::timestamptz, expires_at from fresh f
    where amount > 0${unless})`;

const SHORTFALLS = `,
  lacking as (
    insert into credit_shortfalls (ledger, address, debit_ref, debit_index, amount)
    select $1, address, $2, credit_index, short from fresh where short is not null)`;

/** The statement and its name as a prepared one. It returns `written` (the number of history rows) and `lotsMatched`. */
export function writeStatement(writes: Writes): { name: string; text: string } {
  const { drains, grants: isGranting, refunds, shortfalls } = writes;
  const unless = ' and not exists (select from refunds b where b.own_index = f.credit_index)';
  const text = [
    HISTORY,
    drains ? DRAINS : '',
    refunds ? REFUNDS : '',
    isGranting ? grants(refunds ? unless : '') : '',
    shortfalls ? SHORTFALLS : '',
    `\n  select (select count(*) from written) as written, ${drains ? LOTS_MATCHED : 'true'} as "lotsMatched"`,
  ].join('');
  const kinds = Object.entries(writes).flatMap(([kind, isWritten]) =>
    isWritten === true ? [kind] : [],
  );
  return { name: ['credits-write', ...kinds].join('-'), text };
}
