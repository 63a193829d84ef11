import type { Pool } from 'pg';
import type { OrderRow } from './order-row.js';

/** `orderId` must be a UUID. */
export async function findOrder(pool: Pool, orderId: string): Promise<OrderRow | undefined> {
  const { rows } = await pool.query<OrderRow>('select * from orders where id = $1', [orderId]);
  return rows[0];
}

export interface SentMessage {
  readonly orderId: string;
  readonly channel: number;
  readonly createdAt: Date;
  readonly body: Buffer;
}

/** The message of an order that has been put on the line, by its sequence number. */
export async function findMessage(pool: Pool, txSeqNum: number): Promise<SentMessage | undefined> {
  const { rows } = await pool.query<SentMessage>(
    `select o.id as "orderId", o.channel, o.created_at as "createdAt", m.body
     from orders o join order_messages m on m.order_id = o.id where o.tx_seq_num = $1`,
    [txSeqNum],
  );
  return rows[0];
}
