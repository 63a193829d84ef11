import type { Pool } from 'pg';
import { ITEM_COLUMNS, ITEM_JOINS, type ItemView } from './item-view.js';

/** Where a list begins: below that id. */
type Before = bigint | undefined;

/** What everybody sees of an author, comments too, the newest first. */
export async function readAuthorItems(
  db: Pool,
  author: string,
  viewer: string | null,
  before: Before,
  limit: number,
): Promise<ItemView[]> {
  const { rows } = await db.query<ItemView>(
    `select ${ITEM_COLUMNS} from items i ${ITEM_JOINS}
     where i.author = $2 and i.state = 'PAID' and i.deleted_at is null and i.stopped_at is null and i.kind <> 'bio'
       and ($3::bigint is null or i.id < $3) order by i.id desc limit $4`,
    [viewer, author, before ?? null, limit],
  );
  return rows;
}

/** An author's own posts of the last day that are not paid: pending, or failed. */
export async function readOwnUnpaid(db: Pool, author: string, limit: number): Promise<ItemView[]> {
  const { rows } = await db.query<ItemView>(
    `select ${ITEM_COLUMNS} from items i ${ITEM_JOINS}
     where i.author = $1 and i.created_at > now() - interval '1 day' and i.state <> 'PAID' and i.parent_id is null
       and i.deleted_at is null order by i.created_at desc limit $2`,
    [author, limit],
  );
  return rows;
}
