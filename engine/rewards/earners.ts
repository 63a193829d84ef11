import type { ClientBase } from 'pg';

/** Less from one account for one item earns nothing. */
const LEAST_MSAT = 20_000;

/**
 * Who earned which part of a day: the one place that knows. Whoever zapped what turned out to be among the better half of the day's items,
 * by the fourth root of what they gave, and the earlier the more: 1 / ln(rank + e - 1). Of items' authors, own zaps and the anonymous
 * nothing counts.
 */
export async function fillShares(tx: ClientBase, day: string): Promise<void> {
  await tx.query(
    `with given as (
       select z.item_id, z.actor, sum(z.amount_msat) as msat, min(a.changed_at) as at
       from zaps z
       join attempts a on a.action_id = z.action_id and a.state = 'PAID'
       join items i on i.id = z.item_id
       where z.state = 'PAID' and z.actor is not null and z.actor is distinct from i.author
         and a.changed_at >= $1::date::timestamp at time zone 'UTC'
         and a.changed_at < ($1::date + 1)::timestamp at time zone 'UTC'
       group by z.item_id, z.actor),
     better as (
       select item_id from (
         select item_id, percent_rank() over (order by sum(msat)) as place from given group by item_id) p
       where place >= 0.5 or (select count(distinct item_id) from given) = 1),
     ranked as (
       select actor, msat, row_number() over (partition by item_id order by at, actor) as rank
       from given join better using (item_id))
     insert into reward_shares (day, account, share)
     select $1, actor, sum(power(msat::float8, 0.25) / ln(rank + exp(1.0) - 1)) from ranked where msat > $2
     group by actor`,
    [day, LEAST_MSAT],
  );
}
