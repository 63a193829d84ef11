import type { ClientBase } from 'pg';

/** Ids of the items that actions concern: what they created or acted upon, and what is above it. */
export async function changedItems(
  db: Pick<ClientBase, 'query'>,
  actionIds: readonly string[],
): Promise<readonly string[]> {
  const { rows } = await db.query<{ id: bigint }>(
    `with acted as (
       select id, path from items where action_id = any($1::uuid[])
       union all
       select i.id, i.path from items i join (
         select item_id from zaps where action_id = any($1::uuid[])
         union all select item_id from item_acts where action_id = any($1::uuid[])
         union all select item_id from item_edits where action_id = any($1::uuid[])
         union all select item_id from poll_ballots where action_id = any($1::uuid[])
         union all select item_id from bounty_payments where action_id = any($1::uuid[])) a on a.item_id = i.id)
     select distinct above.id from acted cross join unnest(acted.path || acted.id) as above (id)`,
    [actionIds],
  );
  return rows.map(({ id }) => id.toString());
}
