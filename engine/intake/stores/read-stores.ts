import type { Pool } from 'pg';
import { Refusal } from '../../../domain/refusal.js';

export interface StoreView {
  readonly id: string;
  readonly url: string;
  readonly name: string;
  readonly zone: string;
  readonly openedAt: Date;
  readonly closedAt: Date | null;
  readonly hasApiKey: boolean;
  readonly reconciledAt: Date | null;
  readonly watermark: Date;
  readonly unreachableSince: Date | null;
  readonly lastPingAt: Date | null;
  readonly lastEventAt: Date | null;
  readonly orders: bigint;
  readonly waitingEvents: bigint;
  readonly waitingIds: bigint;
}

/** After the store with that id; `only` gives one. */
export async function readStores(
  pool: Pool,
  {
    after,
    limit,
    only = null,
  }: { readonly after: string; readonly limit: number; readonly only?: string | null },
): Promise<StoreView[]> {
  const { rows } = await pool.query<StoreView>(
    `select id, url, name, zone, opened_at as "openedAt", closed_at as "closedAt", api_key is not null as "hasApiKey",
       reconciled_at as "reconciledAt", watermark, unreachable_since as "unreachableSince", last_ping_at as "lastPingAt",
       (select max(received_at) from store_events e where e.store = s.id) as "lastEventAt",
       (select count(*) from store_orders o where o.store = s.id) as orders,
       (select count(*) from store_events e where e.store = s.id and outcome is null and verified) as "waitingEvents",
       (select count(*) from store_ids i where i.store = s.id and class in ('waiting', 'unknown')) as "waitingIds"
     from stores s where id > $1 and ($3::text is null or id = $3) order by id limit $2`,
    [after, limit, only],
  );
  return rows;
}

export interface StoreOrderView {
  readonly orderId: bigint;
  readonly number: string;
  readonly status: string;
  readonly currency: string;
  readonly total: string;
  readonly createdAt: Date;
  readonly modifiedAt: Date;
  readonly statusSince: Date;
  readonly firstSeen: string;
  readonly firstSeenAt: Date;
  readonly announced: boolean;
  readonly alertedAt: Date | null;
}

const ORDER = `
  select order_id as "orderId", number, status, currency, total::text, created_at as "createdAt", modified_at as "modifiedAt",
    status_since as "statusSince", first_seen as "firstSeen", first_seen_at as "firstSeenAt",
    created_event_at is not null as announced, alerted_at as "alertedAt"
  from store_orders`;

/** Newest id first, below `before`. */
export async function readStoreOrders(
  pool: Pool,
  store: string,
  { before, limit }: { readonly before: bigint; readonly limit: number },
): Promise<StoreOrderView[]> {
  const { rows } = await pool.query<StoreOrderView>(
    `${ORDER} where store = $1 and order_id < $2 order by order_id desc limit $3`,
    [store, before, limit],
  );
  return rows;
}

export interface TrailView {
  readonly id: bigint;
  readonly at: Date;
  readonly what: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** An order with what happened to it, oldest first. Throws Refusal `store.order_not_found`. */
export async function readStoreOrder(
  pool: Pool,
  store: string,
  orderId: bigint,
): Promise<{ readonly order: StoreOrderView; readonly trail: readonly TrailView[] }> {
  const { rows } = await pool.query<StoreOrderView>(`${ORDER} where store = $1 and order_id = $2`, [
    ...[store, orderId],
  ]);
  const [order] = rows;
  if (order === undefined) {
    throw new Refusal(
      'store.order_not_found',
      `store ${store} has no order ${orderId} that is known`,
    );
  }
  const trail = await pool.query<TrailView>(
    `select id, at, what, detail from store_order_trail where store = $1 and order_id = $2
     union all
     select id, received_at, 'delivery', jsonb_build_object('topic', topic, 'outcome', outcome)
     from store_events where store = $1 and order_id = $2
     order by at, id limit 1000`,
    [store, orderId],
  );
  return { order, trail: trail.rows };
}
