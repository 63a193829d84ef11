import { HISTORY_COLUMNS, HISTORY_RECORD } from './history-rows.js';

/** What an operation writes beside its history; a statement of its own for each combination, so that it does no more than it must. */
export interface Writes {
  readonly drains: boolean;
  readonly gives: boolean;
  readonly goesBack: boolean;
  readonly fallsShort: boolean;
}

/** $1 ledger, $2 reference, $3 time, $4 rows. Nothing but the history is touched unless every row was new. */
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

/** $5: drains. Emptied lots leave the live table. */
const DRAINS = `,
  taken as materialized (
    select t.* from jsonb_to_recordset($5)
      as t(address text, debit_index integer, lot_ref text, lot_index integer, amount bigint)
    where exists (select from fresh)),
  sums as materialized (
    select address, lot_ref, lot_index, sum(amount)::bigint as amount from taken group by 1, 2, 3),
  drained as (
    insert into credit_drains (ledger, address, debit_ref, debit_index, lot_ref, lot_index, amount)
    select $1, address, $2, debit_index, lot_ref, lot_index, amount from taken),
  reduced as (
    update credit_lots l set remaining = l.remaining - s.amount from sums s
    where l.ledger = $1 and l.address = s.address and l.credit_ref = s.lot_ref and l.credit_index = s.lot_index
      and l.remaining > s.amount returning 1),
  emptied as (
    delete from credit_lots l using sums s
    where l.ledger = $1 and l.address = s.address and l.credit_ref = s.lot_ref and l.credit_index = s.lot_index
      and l.remaining = s.amount returning l.*),
  over as (
    insert into credit_past_lots (ledger, address, credit_ref, credit_index, amount, expired, granted_at, expires_at)
    select ledger, address, credit_ref, credit_index, amount, 0, granted_at, expires_at from emptied)`;

const AGREED = `(select count(*) from reduced) + (select count(*) from emptied) = (select count(*) from sums)`;

/** What goes back while its lot is valid, into the live lot or one that was emptied. */
const BACK = `,
  back as materialized (
    select f.credit_index as own_index, f.address, f.refund_lot_ref as ref, f.refund_lot_index as index, f.amount, lot.live
    from fresh f cross join lateral (
      select true as live from credit_lots l
      where l.ledger = $1 and l.address = f.address and l.credit_ref = f.refund_lot_ref
        and l.credit_index = f.refund_lot_index and (l.expires_at is null or l.expires_at > $3::timestamptz)
      union all
      select false from credit_past_lots p
      where p.ledger = $1 and p.address = f.address and p.credit_ref = f.refund_lot_ref
        and p.credit_index = f.refund_lot_index and (p.expires_at is null or p.expires_at > $3::timestamptz)) lot),
  returned as materialized (
    select address, ref, index, live, sum(amount)::bigint as amount from back group by 1, 2, 3, 4),
  refilled as (
    update credit_lots l set remaining = l.remaining + r.amount from returned r
    where r.live and l.ledger = $1 and l.address = r.address and l.credit_ref = r.ref and l.credit_index = r.index),
  taken_up as (
    delete from credit_past_lots p using returned r
    where not r.live and p.ledger = $1 and p.address = r.address and p.credit_ref = r.ref and p.credit_index = r.index
    returning p.*, r.amount as returned),
  revived as (
    insert into credit_lots (ledger, address, credit_ref, credit_index, amount, remaining, granted_at, expires_at)
    select ledger, address, credit_ref, credit_index, amount, returned, granted_at, expires_at from taken_up)`;

const gives = (unless: string): string => `,
  given as (
    insert into credit_lots (ledger, address, credit_ref, credit_index, amount, remaining, granted_at, expires_at)
    select $1, address, $2, credit_index, amount, amount, $3::timestamptz, expires_at from fresh f
    where amount > 0${unless})`;

const SHORTFALLS = `,
  lacking as (
    insert into credit_shortfalls (ledger, address, debit_ref, debit_index, amount)
    select $1, address, $2, credit_index, short from fresh where short is not null)`;

/** One statement for all, to be prepared under its name; gives `written` (rows of the history) and `agreed`. */
export function writeStatement(writes: Writes): { name: string; text: string } {
  const { drains, gives: isGiving, goesBack, fallsShort } = writes;
  const unless = ' and not exists (select from back b where b.own_index = f.credit_index)';
  const text = [
    HISTORY,
    drains ? DRAINS : '',
    goesBack ? BACK : '',
    isGiving ? gives(goesBack ? unless : '') : '',
    fallsShort ? SHORTFALLS : '',
    `\n  select (select count(*) from written) as written, ${drains ? AGREED : 'true'} as agreed`,
  ].join('');
  const kinds = Object.entries(writes).flatMap(([kind, does]) => (does === true ? [kind] : []));
  return { name: ['credits-write', ...kinds].join('-'), text };
}
