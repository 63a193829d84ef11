import type { Pool } from 'pg';
import type { OrderRow } from './order-row.js';

/** What waits for the line of a channel, or is on it, as everybody may see it: what is sent next first. */
export async function readQueue(pool: Pool, channel: number, limit: number): Promise<OrderRow[]> {
  const { rows } = await pool.query<OrderRow>(
    `select * from orders where channel = $1 and state in ('paid', 'transmitting', 'confirming')
     order by state = 'paid', bid_per_byte desc, created_at limit $2`,
    [channel, limit],
  );
  return rows;
}

/** How many paid orders of the channel would go before one with this bid per byte on air, in msat. */
export async function countBefore(
  pool: Pool,
  channel: number,
  bidPerByte: number,
): Promise<number> {
  const { rows } = await pool.query<{ n: number }>(
    `select count(*)::int as n from orders where channel = $1 and state = 'paid' and bid_per_byte >= $2`,
    [channel, bidPerByte],
  );
  return rows[0]?.n ?? 0;
}
