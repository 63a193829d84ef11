import type { Pool } from 'pg';

/** What the store said of an id of which nothing was heard. */
export type IdClass = 'explained' | 'draft' | 'deleted' | 'lost' | 'unknown' | 'waiting';

export interface IdView {
  readonly orderId: bigint;
  /** `known`: an order of that id is known. */
  readonly verdict: IdClass | 'known';
}

/** The newest ids of a store in their order, gaps and all. */
export async function readIds(pool: Pool, store: string, limit: number): Promise<IdView[]> {
  const { rows } = await pool.query<IdView>(
    `select * from (
       (select order_id as "orderId", 'known' as verdict from store_orders where store = $1 order by order_id desc limit $2)
       union all
       (select order_id, class from store_ids where store = $1 order by order_id desc limit $2)) ids
     order by "orderId" desc limit $2`,
    [store, limit],
  );
  return rows.reverse();
}
