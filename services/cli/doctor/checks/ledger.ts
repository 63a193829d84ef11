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
    name: 'credits issued for sats are backed',
    offenders: `
      select e.key as id from ${SYSTEM_POSTINGS}
      where e.key not like 'grant/%' group by e.id, e.key
      having coalesce(sum(p.amount_msat) filter (where a.system = 'backing'), 0)
          <> -coalesce(sum(p.amount_msat) filter (where a.system = 'issued'), 0)`,
  },
  {
    name: 'sats received equal those of settled invoices',
    offenders: `
      with booked as (
        select split_part(e.key, '/', 1) || '/' || split_part(e.key, '/', 2) as subject,
          -sum(p.amount_msat) as msat
        from ${SYSTEM_POSTINGS} where a.system = 'outside' group by 1),
      taken as (
        select case when action_id is null then 'order/' || order_id else 'action/' || action_id end
          as subject, sum(received_msat) as msat
        from invoices where state = 'settled' group by 1)
      select subject as id from booked full join taken using (subject)
      where coalesce(booked.msat, 0) <> coalesce(taken.msat, 0)`,
  },
];
