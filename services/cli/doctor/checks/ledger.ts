import type { Check } from '../check.js';

const SYSTEM_POSTINGS =
  'postings p join ledger_accounts a on a.id = p.ledger_account_id join entries e on e.id = p.entry_id';

export const ledgerChecks: readonly Check[] = [
  {
    name: 'entries sum to zero per asset',
    offenders: `
      select e.key as id from ${SYSTEM_POSTINGS}
      group by e.id, e.key, a.asset having sum(p.amount_msat) <> 0`,
  },
  {
    name: 'no entry is written twice',
    offenders: 'select key as id from entries group by key having count(*) > 1',
  },
  {
    name: 'balances equal the sum of their postings',
    offenders: `
      select a.owner || '/' || a.asset as id
      from ledger_accounts a left join postings p on p.ledger_account_id = a.id
      where a.owner is not null
      group by a.id having coalesce(sum(p.amount_msat), 0) <> a.balance_msat`,
  },
  {
    name: 'each posting records the right balance after it',
    offenders: `
      select e.key as id from (
        select entry_id, balance_after_msat,
          sum(amount_msat) over (partition by ledger_account_id order by entry_id) as running
        from postings where balance_after_msat is not null) chain
      join entries e on e.id = chain.entry_id
      where running <> balance_after_msat`,
  },
  {
    name: 'all credits are backed by sats',
    offenders: `
      select 'backing' as id from ${SYSTEM_POSTINGS}
      having coalesce(sum(p.amount_msat) filter (where a.system = 'backing'), 0)
          <> -coalesce(sum(p.amount_msat) filter (where a.system = 'issued'), 0)`,
  },
  {
    name: "legs equal what their payable's entries posted",
    offenders: `
      with moved as (
        select payable, ledger_account_id, sum(case side when 'in' then -actual_msat else actual_msat end) as msat
        from legs where ledger_account_id is not null and actual_msat is not null group by 1, 2),
      posted as (
        select regexp_replace(e.key, '/[^/]+$', '') as payable, p.ledger_account_id, sum(p.amount_msat) as msat
        from ${SYSTEM_POSTINGS}
        where (e.key like 'action/%' or e.key like 'order/%')
          and coalesce(a.system, '') not in ('backing', 'issued', 'reserved') group by 1, 2)
      select distinct payable as id from moved full join posted using (payable, ledger_account_id)
      where coalesce(moved.msat, 0) <> coalesce(posted.msat, 0)`,
  },
  {
    name: 'the sums of system accounts equal their postings',
    offenders: `
      select r.ledger_account_id || '/' || r.through_entry as id
      from ledger_rollups r where r.balance_msat <> (
        select coalesce(sum(amount_msat), 0) from postings p
        where p.ledger_account_id = r.ledger_account_id and p.entry_id <= r.through_entry)`,
  },
  {
    name: 'what is reserved is what payables have left over',
    offenders: `
      select books.asset as id from (select asset, sum(reserved_msat) as msat from payable_books group by asset) books
      full join (
        select a.asset, sum(p.amount_msat) as msat from ${SYSTEM_POSTINGS} where a.system = 'reserved' group by a.asset) posted
        using (asset)
      where coalesce(books.msat, 0) <> coalesce(posted.msat, 0)`,
  },
  {
    name: 'what is owed to people without an account is in claims',
    offenders: `
      select 'claims' as id
      where (select coalesce(sum(amount_msat), 0) from claims where state <> 'collected') <>
        (select coalesce(sum(p.amount_msat), 0) from ${SYSTEM_POSTINGS} where a.system = 'claims')`,
  },
  {
    name: 'what an invoice received is in the legs that name it',
    offenders: `
      select i.hash as id from invoices i left join legs l on l.hash = i.hash
      group by i.hash, i.state, i.received_msat
      having coalesce(sum(l.actual_msat), 0) <> case i.state when 'settled' then i.received_msat else 0 end`,
  },
];
