import { HISTORY_COLUMNS, HISTORY_RECORD } from './history-rows.js';

/** What an operation writes besides its history rows. Each combination has a statement that writes only what it must. */
export interface Writes {
  readonly drains: boolean;
  /** Grants that are lots of their own. */
  readonly grants: boolean;
  /** Grants that merge into the lot that never expires. */
  readonly merges: boolean;
  readonly refunds: boolean;
  readonly shortfalls: boolean;
}

/** $1 ledger, $2 reference, $3 time, $4 rows. Lots and accounts are changed only if every row was new. */
const history = ({ merges }: Writes): string => `
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
      ${merges ? 'merged_at = greatest(a.merged_at, s.merged_at),' : ''}
      debit_at = case when s.debit_index is null then a.debit_at else $3::timestamptz end,
      debit_ref = case when s.debit_index is null then a.debit_ref else $2 end,
      debit_index = case when s.debit_index is null then a.debit_index else s.debit_index end
    from (
      select address, coalesce(sum(amount) filter (where amount > 0), 0)::bigint as granted,
        max(credit_index) filter (where amount < 0) as debit_index,
        max($3::timestamptz) filter (where amount > 0 and expires_at is null) as merged_at,
        max($3::timestamptz) filter (where refund_debit_ref is not null) as returned_at
      from fresh group by address) s
    where a.ledger = $1 and a.address = s.address)`;

/** A refund goes back to its lot while that is valid, live or emptied; in a ledger that merges, only to one that expires. */
const refunds = ({ merges }: Writes): string => {
  const isValid = `${merges ? '' : 'expires_at is null or '}expires_at > $3::timestamptz`;
  return `,
  refunds as materialized (
    select f.credit_index as own_index, f.address, f.refund_lot_ref as ref, f.refund_lot_index as index, f.amount, lot.live
    from fresh f cross join lateral (
      select true as live from credit_lots l
      where l.ledger = $1 and l.address = f.address and l.credit_ref = f.refund_lot_ref
        and l.credit_index = f.refund_lot_index and (${isValid})
      union all
      select false from credit_past_lots p
      where p.ledger = $1 and p.address = f.address and p.credit_ref = f.refund_lot_ref
        and p.credit_index = f.refund_lot_index and (${isValid})) lot),
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
};

const notRefunded = (writes: Writes): string =>
  writes.refunds
    ? ' and not exists (select from refunds b where b.own_index = f.credit_index)'
    : '';

/** What merges, by address; if it opens a lot, that has the key of the first grant. */
const merging = (writes: Writes): string => `,
  merging as materialized (
    select address, min(credit_index) as credit_index, sum(amount)::bigint as amount from fresh f
    where amount > 0 and expires_at is null${notRefunded(writes)} group by address)`;

/**
 * $5: drains. Emptied lots move to credit_past_lots. Where the merged lot is drained in the same statement, what merges into it is
 * added here, since a statement changes a row only once; such a lot is not emptied (planDrains).
 */
const drains = ({ merges }: Writes): string => `,
  slices as materialized (
    select t.* from jsonb_to_recordset($5)
      as t(address text, debit_index integer, lot_ref text, lot_index integer, amount bigint, never boolean)
    where exists (select from fresh)),
  changes as materialized (
    select s.address, lot_ref, lot_index, sum(s.amount)::bigint as amount${merges ? ', coalesce(max(m.amount), 0) as granted' : ''}
    from slices s ${merges ? 'left join merging m on s.never and m.address = s.address' : ''} group by 1, 2, 3),
  drained as (
    insert into credit_drains (ledger, address, debit_ref, debit_index, lot_ref, lot_index, amount)
    select $1, address, $2, debit_index, lot_ref, lot_index, amount from slices),
  reduced as (
    update credit_lots l set remaining = l.remaining - c.amount${merges ? ' + c.granted, amount = l.amount + c.granted' : ''}
    from changes c
    where l.ledger = $1 and l.address = c.address and l.credit_ref = c.lot_ref and l.credit_index = c.lot_index
      and l.remaining > c.amount returning 1),
  emptied as (
    delete from credit_lots l using changes c
    where l.ledger = $1 and l.address = c.address and l.credit_ref = c.lot_ref and l.credit_index = c.lot_index
      and l.remaining = c.amount${merges ? ' and c.granted = 0' : ''} returning l.*),
  past as (
    insert into credit_past_lots (ledger, address, credit_ref, credit_index, amount, expired, granted_at, expires_at)
    select ledger, address, credit_ref, credit_index, amount, 0, granted_at, expires_at from emptied)`;

/** Whether every drained lot was found with at least what was drained. */
const LOTS_MATCHED = `(select count(*) from reduced) + (select count(*) from emptied) = (select count(*) from changes)`;

const grants = (writes: Writes): string => `,
  granted as (
    insert into credit_lots (ledger, address, credit_ref, credit_index, amount, remaining, granted_at, expires_at)
    select $1, address, $2, credit_index, amount, amount, $3::timestamptz, expires_at from fresh f
    where amount > 0${writes.merges ? ' and expires_at is not null' : ''}${notRefunded(writes)})`;

/** SQL: merges the inserted lots into the accounts' live lots that never expire, where there are any. */
export const MERGE_INTO_LIVE = `on conflict (ledger, address) where ledger = 'actions' and expires_at is null
    do update set amount = l.amount + excluded.amount, remaining = l.remaining + excluded.remaining`;

const merged = (writes: Writes): string => `,
  merged as (
    insert into credit_lots as l (ledger, address, credit_ref, credit_index, amount, remaining, granted_at)
    select $1, address, $2, credit_index, amount, amount, $3::timestamptz from merging m
    ${writes.drains ? 'where not exists (select from slices s where s.never and s.address = m.address)' : ''}
    ${MERGE_INTO_LIVE})`;

const SHORTFALLS = `,
  lacking as (
    insert into credit_shortfalls (ledger, address, debit_ref, debit_index, amount)
    select $1, address, $2, credit_index, short from fresh where short is not null)`;

/** The statement and its name as a prepared one. It returns `written` (the number of history rows) and `lotsMatched`. */
export function writeStatement(writes: Writes): { name: string; text: string } {
  const text = [
    history(writes),
    writes.refunds ? refunds(writes) : '',
    writes.merges ? merging(writes) : '',
    writes.drains ? drains(writes) : '',
    writes.grants ? grants(writes) : '',
    writes.merges ? merged(writes) : '',
    writes.shortfalls ? SHORTFALLS : '',
    `\n  select (select count(*) from written) as written, ${writes.drains ? LOTS_MATCHED : 'true'} as "lotsMatched"`,
  ].join('');
  const kinds = Object.entries(writes).flatMap(([kind, isWritten]) =>
    isWritten === true ? [kind] : [],
  );
  return { name: ['credits-write', ...kinds].join('-'), text };
}
