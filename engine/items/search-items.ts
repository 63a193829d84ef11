import type { Pool } from 'pg';
import { ITEM_COLUMNS, ITEM_JOINS } from './item-view.js';
import type { FeedItem, FeedPosition } from './read-items.js';

/**
 * What everybody sees and has the words: those in a title first. `words` as one writes them into a search box: quoted phrases, `or` and a
 * minus are understood.
 */
export async function searchItems(
  db: Pool,
  words: string,
  viewer: string | null,
  before: FeedPosition | undefined,
  limit: number,
): Promise<FeedItem[]> {
  const { rows } = await db.query<FeedItem>(
    `select ${ITEM_COLUMNS}, i.rank::text as "sortKey"
     from (
       select *, ts_rank(words, q)::float4 as rank from items, websearch_to_tsquery('simple', $2) q
       where words @@ q and state = 'PAID' and deleted_at is null and stopped_at is null
         and ($3::text is null or (ts_rank(words, q)::float4, id) < ($3::float4, $4::bigint))
       order by ts_rank(words, q)::float4 desc, id desc limit $5) i ${ITEM_JOINS}
     order by i.rank desc, i.id desc`,
    [viewer, words, before?.key ?? null, before?.id ?? null, limit],
  );
  return rows;
}
