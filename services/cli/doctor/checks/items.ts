import type { Check } from '../check.js';

/** The counters of items as what is paid has them. */
const RECOUNT = `
  with zapped as (
    select item_id, count(*) as n, sum(amount_msat) as msat from zaps where state = 'PAID' group by item_id),
  acts as (
    select item_id, sum(amount_msat) filter (where kind = 'DOWN_ZAP') as down from item_acts where state = 'PAID' group by item_id),
  below as (
    select above.id, count(*) as n, count(*) filter (where above.id = c.parent_id) as direct, sum(c.cost_msat) as cost,
      sum(z.msat) as zapped, sum(a.down) as down
    from items c cross join unnest(c.path) as above(id) left join zapped z on z.item_id = c.id left join acts a on a.item_id = c.id
    where c.state = 'PAID' group by above.id)
  select i.id, coalesce(z.n, 0) as zaps, coalesce(z.msat, 0) as zapped_msat, coalesce(a.down, 0) as down_msat,
    coalesce(b.n, 0) as comments, coalesce(b.direct, 0) as direct_comments, coalesce(b.cost, 0) as comment_cost_msat,
    coalesce(b.zapped, 0) as comment_zapped_msat, coalesce(b.down, 0) as comment_down_msat
  from items i left join zapped z on z.item_id = i.id left join acts a on a.item_id = i.id left join below b on b.id = i.id`;

const COUNTERS = [
  ...['zaps', 'zapped_msat', 'down_msat', 'comments', 'direct_comments'],
  ...['comment_cost_msat', 'comment_zapped_msat', 'comment_down_msat'],
];
const listOf = (table: string): string => COUNTERS.map((name) => `${table}.${name}`).join(', ');

export const itemChecks: readonly Check[] = [
  {
    name: 'what was performed is visible exactly when its action is paid',
    offenders: `
      with performed as (
        select action_id, state from items union all select action_id, state from zaps
        union all select action_id, state from item_acts union all select action_id, state from poll_ballots
        union all select action_id, state from item_edits
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
      select c.id from item_counters c join (${RECOUNT}) r on r.id = c.id
      where (${listOf('c')}) is distinct from (${listOf('r')})`,
  },
  {
    name: 'posts are in the lists of their territories, and nothing else is',
    offenders: `
      with listed as (
        select distinct t as territory, i.id, i.hot_key, i.top_msat, i.paid_at from items i cross join unnest(i.territories) as t
        where i.listed)
      select coalesce(a.id, l.item_id) as id from listed a
      full join item_listings l on l.territory = a.territory and l.item_id = a.id
      where (a.hot_key, a.top_msat, a.paid_at) is distinct from (l.hot_key, l.top_msat, l.paid_at)`,
  },
  {
    name: 'a paid vote in a poll is not linked to its voter, and there are as many as ballots',
    offenders: `
      select i.id from items i where i.kind = 'poll' and (
        exists (select from poll_votes v join poll_options o on o.id = v.option_id
          where o.item_id = i.id and v.state = 'PAID' and v.action_id is not null)
        or (select count(*) from poll_votes v join poll_options o on o.id = v.option_id where o.item_id = i.id and v.state = 'PAID')
          <> (select count(*) from poll_ballots b where b.item_id = i.id and b.state = 'PAID'))`,
  },
];
