import type { Check } from '../check.js';

export const attemptChecks: readonly Check[] = [
  {
    name: "an ended attempt's money in equals its money out",
    offenders: `
      select a.action_id || '/' || a.attempt as id
      from attempts a left join attempt_payments p using (action_id, attempt)
      where a.state in ('PAID', 'FAILED') group by a.action_id, a.attempt, a.state, a.cost_msat
      having coalesce(sum(p.amount_msat) filter (where direction = 'in'), 0)
          <> coalesce(sum(p.amount_msat) filter (where direction <> 'in'), 0)
        or coalesce(sum(p.amount_msat) filter (where direction = 'out'), 0)
          <> case a.state when 'PAID' then a.cost_msat else 0 end`,
  },
  {
    name: "an attempt's payments equal what its ledger entries posted",
    offenders: `
      with paid as (
        select 'action/' || action_id || '/' || attempt as subject, ledger_account_id,
          sum(case direction when 'in' then -amount_msat else amount_msat end) as msat
        from attempt_payments group by 1, 2),
      posted as (
        select regexp_replace(e.key, '/[a-z]+$', '') as subject, p.ledger_account_id,
          sum(p.amount_msat) as msat
        from entries e join postings p on p.entry_id = e.id
        join ledger_accounts a on a.id = p.ledger_account_id
        where e.key like 'action/%' and a.asset = 'CREDITS' group by 1, 2)
      select distinct subject as id from paid full join posted using (subject, ledger_account_id)
      where coalesce(paid.msat, 0) <> coalesce(posted.msat, 0)`,
  },
  {
    name: 'an action is paid at most once',
    offenders: `
      select action_id as id from attempts where state = 'PAID'
      group by action_id having count(*) > 1`,
  },
  {
    name: 'items and zaps are visible exactly when their action is paid',
    offenders: `
      with performed as (
        select action_id, state from items union all select action_id, state from zaps)
      select action_id as id from performed where (state = 'PAID') <> exists (
        select from attempts a where a.action_id = performed.action_id and a.state = 'PAID')`,
  },
  {
    name: "items' counters equal a recount",
    offenders: `
      select i.id from items i left join zaps z on z.item_id = i.id and z.state = 'PAID'
      group by i.id
      having count(z.action_id) <> i.zaps or coalesce(sum(z.amount_msat), 0) <> i.zapped_msat`,
  },
];
