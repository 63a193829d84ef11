import type { Check } from '../check.js';

export const attemptChecks: readonly Check[] = [
  {
    name: "an attempt's plan adds up, and equals its cost",
    offenders: `
      select a.action_id || '/' || a.attempt as id
      from attempts a join legs l using (action_id, attempt) group by a.action_id, a.attempt, a.cost_msat
      having coalesce(sum(l.planned_msat) filter (where l.side = 'in'), 0) <> a.cost_msat
        or coalesce(sum(l.planned_msat) filter (where l.side = 'out'), 0) <> a.cost_msat`,
  },
  {
    name: 'an attempt that is over has nothing reserved, and spent its cost if it is paid',
    offenders: `
      select a.action_id || '/' || a.attempt as id
      from attempts a left join legs l using (action_id, attempt)
      where a.state in ('PAID', 'FAILED') group by a.action_id, a.attempt, a.state, a.cost_msat
      having coalesce(sum(l.actual_msat) filter (where l.side = 'out'), 0)
          - coalesce(sum(l.actual_msat) filter (where l.kind = 'FEE_LOSS' or l.kind = 'LOSS' and a.state = 'FAILED'), 0)
          + coalesce(sum(l.actual_msat) filter (where l.kind = 'FEE_RETURNED'), 0)
          <> case a.state when 'PAID' then a.cost_msat else 0 end
        or exists (select from payable_books b where b.action_id = a.action_id and b.attempt = a.attempt
          and b.reserved_msat <> 0)`,
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
        select action_id, state from items union all select action_id, state from zaps
        union all select action_id, state from donations union all select action_id, state from invite_gifts
        union all select action_id, state from territory_acts union all select action_id, state from bounty_payments
        union all select action_id, state from proxy_payments
        union all select c.parent, u.state from upload_uses u join actions c on c.id = u.action_id)
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
