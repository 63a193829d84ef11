import type { ClientBase } from 'pg';
import { Refusal } from '../../domain/refusal.js';

/**
 * Counts comments at all their ancestors when they are paid. Throws Refusal `item.not_found` where a comment or what it answers was
 * deleted since it was opened: its payer gets the money back.
 */
export async function recordItems(tx: ClientBase, actionIds: readonly string[]): Promise<void> {
  const { rows } = await tx.query<{ found: bigint }>(
    `with added as (
       select i.id, i.parent_id, i.path, i.cost_msat, i.boost_msat, i.created_at from items i
       where i.action_id = any($1::uuid[]) and i.deleted_at is null),
     -- A parent cannot be deleted meanwhile.
     parents as (
       select p.id from items p where p.id in (select parent_id from added) and p.state = 'PAID' and p.deleted_at is null
       order by p.id for key share),
     allowed as (select a.* from added a where a.parent_id is null or a.parent_id in (select id from parents)),
     counted as (
       insert into item_deltas (item_id, comments, direct_comments, comment_cost_msat, comment_boost_msat, last_comment_at)
       select above.id, count(*), count(*) filter (where above.id = a.parent_id), sum(a.cost_msat), sum(a.boost_msat), max(a.created_at)
       from allowed a cross join unnest(a.path) as above(id) group by above.id)
     select count(*) as found from allowed`,
    [actionIds],
  );
  if (Number(rows[0]?.found) !== actionIds.length) {
    throw new Refusal('item.not_found', 'the item, or what it answers, was deleted');
  }
}
