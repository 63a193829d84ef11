import type { ClientBase } from 'pg';

/** Of an uninterrupted run of zaps of one account for one item: a smaller sum earns nothing. */
const LEAST_MSAT = 20_001;
/** How much zaps of accounts of the house, which have another role than users, count. */
const HANDICAP = 0.5;

/**
 * Who earned which part of a day: the one place that knows. By the rule of the peer: whoever zapped what turned out to be among the better
 * half of the day's posts, or of its comments, by the weight of trusted votes for and against them. A run of zaps that nobody else's
 * interrupts counts by the fourth root of its sum, beside that of the others for the item, and the earlier the more:
 * 1 / ln(rank + e - 1); times what the item has of the votes of its kind. Posts and comments share half each, or one kind everything.
 * Zaps of own items and of the anonymous earn nothing.
 */
export async function fillShares(tx: ClientBase, day: string): Promise<void> {
  await tx.query(
    `with day_items as (
       select i.id, i.author, i.kind = 'comment' as is_comment, c.weighted_votes as votes,
         row_number() over (partition by i.kind = 'comment' order by c.weighted_votes - c.weighted_down_votes desc, i.id) as place,
         count(*) over (partition by i.kind = 'comment') as items
       from items i join item_counters c on c.id = i.id
       where i.state = 'PAID' and i.kind <> 'bio' and i.deleted_at is null and c.weighted_votes > 0
         and i.paid_at >= $1::date::timestamp at time zone 'UTC' and i.paid_at < ($1::date + 1)::timestamp at time zone 'UTC'),
     better as (
       select id, author, is_comment, votes / sum(votes) over (partition by is_comment) as part
       from day_items where place <= ceil(items / 2.0)),
     given as (
       select b.id, z.actor, z.amount_msat as msat, a.changed_at as at, z.action_id,
         row_number() over (partition by b.id order by a.changed_at, z.action_id)
           - row_number() over (partition by b.id, z.actor order by a.changed_at, z.action_id) as run
       from better b
       join zaps z on z.item_id = b.id and z.state = 'PAID' and z.actor is not null and z.actor is distinct from b.author
       join attempts a on a.action_id = z.action_id and a.state = 'PAID'
       where a.changed_at >= $1::date::timestamp at time zone 'UTC' and a.changed_at < ($1::date + 1)::timestamp at time zone 'UTC'),
     runs as (
       select id, actor, power(sum(msat)::float8 / 1000, 0.25) as root, min(at) as at, min(action_id::text) as first
       from given group by id, actor, run having sum(msat) >= $2),
     weights as (
       select id, actor, root / sum(root) over (partition by id)
           + 1 / ln(row_number() over (partition by id order by at, first) + exp(1.0) - 1) as weight
       from runs),
     of_kind as (
       select w.actor, b.is_comment, sum(w.weight * b.part * case when o.role = 'user' then 1 else $3::float8 end) as weight
       from weights w join better b on b.id = w.id join accounts o on o.id = w.actor group by w.actor, b.is_comment),
     shares as (
       select actor, weight / sum(weight) over (partition by is_comment) as share from of_kind)
     insert into reward_shares (day, account, share) select $1, actor, sum(share) from shares group by actor`,
    [day, LEAST_MSAT, HANDICAP],
  );
}
