import type { Pool } from 'pg';
import {
  type AdminOrder,
  publicOrder,
  pythonTime,
} from '../../domain/transmissions/public-order.js';
import { type OrderRow, orderView } from './order-row.js';

interface Confirmed {
  readonly id: string;
  readonly tx: number[];
  readonly rx: number[];
}

/** Orders as an administrator sees them, in the same order. */
export async function readAdminOrders(
  pool: Pool,
  orders: readonly OrderRow[],
): Promise<readonly AdminOrder[]> {
  const { rows } = await pool.query<Confirmed>(
    `select order_id as id,
       coalesce(array_agg(region order by at, region) filter (where kind = 'tx'), '{}') as tx,
       coalesce(array_agg(region order by at, region) filter (where kind = 'rx'), '{}') as rx
     from confirmations where order_id = any($1::uuid[]) group by order_id`,
    [orders.map(({ id }) => id)],
  );
  const confirmed = new Map(rows.map((row) => [row.id, row]));
  return orders.map((order) => ({
    ...publicOrder(orderView(order)),
    channel: order.channel,
    tx_confirmations: confirmed.get(order.id)?.tx ?? [],
    rx_confirmations: confirmed.get(order.id)?.rx ?? [],
    retransmission: retransmissionOf(order),
  }));
}

/** While it waits to be sent again or is; as the peer, nothing is left of it once the order is sent. */
function retransmissionOf(order: OrderRow): AdminOrder['retransmission'] {
  const isRetried = order.retry_wanted || order.retry_count > 0 || order.gave_up_at !== null;
  if (!isRetried || order.ended_at !== null) return null;
  return {
    last_attempt: pythonTime(order.last_attempt_at),
    retry_count: order.retry_count,
    region_code: order.retry_regions ?? order.regions,
  };
}
