import type { Check } from '../check.js';

/** Credits posted before accounts had lots are all in the one lot `balance/<account>`, so older entries are not compared. */
const SINCE_LOTS = `e.created_at > coalesce(
  (select applied_at from schema_migrations where name = 'paying_from_lots'), '-infinity')`;

export const creditChecks: readonly Check[] = [
  {
    name: 'credit balances equal the sums of their lots',
    offenders: `
      with posted as (
        select owner::text as address, balance_msat as msat from ledger_accounts
        where asset = 'CREDITS' and owner is not null),
      recorded as (select address, remaining as msat from credit_accounts where ledger = 'actions'),
      lots as (
        select address, sum(remaining) as msat from credit_lots where ledger = 'actions' group by 1)
      select address as id from posted full join recorded using (address) full join lots using (address)
      where coalesce(posted.msat, 0) <> coalesce(lots.msat, 0)
        or coalesce(recorded.msat, 0) <> coalesce(lots.msat, 0)`,
  },
  {
    name: 'credit postings match the history and the expired lots',
    offenders: `
      with posted as (
        select a.owner::text as address, sum(p.amount_msat) as msat,
          case when e.key like 'expired/%' then 'expired' else e.key end as what
        from entries e join postings p on p.entry_id = e.id
        join ledger_accounts a on a.id = p.ledger_account_id
        where a.asset = 'CREDITS' and a.owner is not null and ${SINCE_LOTS} group by 1, 3),
      moved as (
        select address, sum(amount) as msat, credit_ref as what from credit_history
        where ledger = 'actions' and credit_ref <> 'balance/' || address group by 1, 3
        union all
        select address, -sum(expired), 'expired' from credit_past_lots
        where ledger = 'actions' and expired > 0 group by 1)
      select what || ' of ' || address as id from posted full join moved using (address, what)
      where coalesce(posted.msat, 0) <> coalesce(moved.msat, 0)`,
  },
  {
    name: 'lots and drains balance with the credit history',
    offenders: `
      select ledger || '/' || address as id from credit_books
      where lots_difference <> 0 or debits_difference <> 0
      union
      select ledger || '/' || address from credit_lot_books where difference <> 0`,
  },
  {
    name: 'credit accounts have their newest debit, refund and merged grant',
    offenders: `
      with moved as (
        select ledger, address, max(at) filter (where amount < 0) as debit_at,
          max(at) filter (where refund_debit_ref is not null) as returned_at,
          max(at) filter (where ledger = 'actions' and amount > 0 and expires_at is null) as merged_at
        from credit_history group by 1, 2)
      select a.ledger || '/' || a.address as id from credit_accounts a left join moved m using (ledger, address)
      where (a.debit_at, a.returned_at, a.merged_at)
        is distinct from (m.debit_at, m.returned_at, m.merged_at)`,
  },
  {
    name: 'drained lots were valid at the time of the debit',
    offenders: `
      select d.ledger || '/' || d.debit_ref as id from credit_drains d
      join credit_history debit on debit.ledger = d.ledger
        and debit.credit_ref = d.debit_ref and debit.credit_index = d.debit_index
      join credit_history lot on lot.ledger = d.ledger
        and lot.credit_ref = d.lot_ref and lot.credit_index = d.lot_index
      where lot.at > debit.at or lot.expires_at <= debit.at`,
  },
];
