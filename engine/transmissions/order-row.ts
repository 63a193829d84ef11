import type { ClientBase, Pool, QueryResultRow } from 'pg';
import {
  type OrderEvent,
  orderMachine,
  type OrderState,
} from '../../domain/transmissions/machine.js';
import type { OrderView } from '../../domain/transmissions/public-order.js';
import type { RegionBits } from '../../domain/transmissions/regions.js';
import type { MachineTable } from '../transition.js';

/** Columns of `orders`. Amounts in msat. */
export interface OrderRow extends QueryResultRow {
  readonly id: string;
  readonly channel: number;
  readonly state: OrderState;
  readonly bid_msat: bigint;
  readonly unpaid_bid_msat: bigint;
  readonly min_bid_msat: bigint;
  readonly message_size: number;
  readonly ota_bytes: number;
  readonly message_digest: string;
  readonly bid_per_byte: number;
  readonly regions: RegionBits;
  readonly tx_seq_num: number | null;
  readonly confirm_timeout_seconds: number;
  /** Null: of an earlier release, which takes its channel's. */
  readonly rate_bytes_per_second: number | null;
  readonly retry_limit: number | null;
  readonly retry_backoff_seconds: number;
  readonly presume_after: number | null;
  readonly created_at: Date;
  readonly cancelled_at: Date | null;
  readonly started_at: Date | null;
  readonly ended_at: Date | null;
  readonly retry_wanted: boolean;
  readonly retry_count: number;
  readonly retry_regions: RegionBits | null;
  readonly last_attempt_at: Date | null;
  readonly gave_up_at: Date | null;
  readonly closed_at: Date | null;
  readonly deadline_at: Date | null;
  readonly due_at: Date | null;
}

export const ORDERS: MachineTable<OrderState, OrderEvent> = {
  machine: orderMachine,
  table: 'orders',
  keyColumns: ['id'],
  keyTypes: ['uuid'],
};

/** The row, locked for the rest of the transaction. */
export async function lockOrder(tx: ClientBase, orderId: string): Promise<OrderRow | undefined> {
  const { rows } = await tx.query<OrderRow>(
    'select * from orders where id = $1 for no key update',
    [orderId],
  );
  return rows[0];
}

export function orderView(row: OrderRow): OrderView {
  return {
    id: row.id,
    state: row.state,
    bidMsat: row.bid_msat,
    unpaidBidMsat: row.unpaid_bid_msat,
    bidPerByte: row.bid_per_byte,
    messageSize: row.message_size,
    messageDigest: row.message_digest,
    regions: row.regions,
    txSeqNum: row.tx_seq_num,
    createdAt: row.created_at,
    cancelledAt: row.cancelled_at,
    startedAt: row.started_at,
    endedAt: row.ended_at,
  };
}

/** `orderId` must be a UUID. */
export async function findOrder(pool: Pool, orderId: string): Promise<OrderRow | undefined> {
  const { rows } = await pool.query<OrderRow>('select * from orders where id = $1', [orderId]);
  return rows[0];
}

export interface SentMessage {
  readonly orderId: string;
  readonly channel: number;
  readonly createdAt: Date;
  /** Null: deleted, as it was kept long enough. */
  readonly body: Buffer | null;
}

/** The message of an order that has been transmitted, by its sequence number. */
export async function findMessage(pool: Pool, txSeqNum: number): Promise<SentMessage | undefined> {
  const { rows } = await pool.query<SentMessage>(
    `select o.id as "orderId", o.channel, o.created_at as "createdAt", m.body
     from orders o left join order_messages m on m.order_id = o.id where o.tx_seq_num = $1`,
    [txSeqNum],
  );
  return rows[0];
}

/** The same by the order's id, which must be a UUID: while it is transmitted, confirmed or sent. */
export async function findMessageOf(pool: Pool, orderId: string): Promise<SentMessage | undefined> {
  const { rows } = await pool.query<SentMessage>(
    `select o.id as "orderId", o.channel, o.created_at as "createdAt", m.body
     from orders o left join order_messages m on m.order_id = o.id
     where o.id = $1 and o.state in ('transmitting', 'confirming', 'sent')`,
    [orderId],
  );
  return rows[0];
}
