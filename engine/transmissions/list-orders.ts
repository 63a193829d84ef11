import type { Pool } from 'pg';
import type { OrderRow } from './order-row.js';

interface Queue {
  /** SQL over `orders`. */
  readonly where: string;
  /** The column whose time is filtered. */
  readonly time: string;
  /** Descending. */
  readonly sort: string;
}

/** The Satellite API's queues: each walks an index that does not grow with what is over, or is in the order it asks for. */
const QUEUES = {
  pending: { where: `state = 'pending'`, time: 'created_at', sort: 'created_at' },
  paid: { where: `state = 'paid'`, time: 'created_at', sort: 'created_at' },
  transmitting: { where: `state = 'transmitting'`, time: 'started_at', sort: 'started_at' },
  confirming: { where: `state = 'confirming'`, time: 'started_at', sort: 'started_at' },
  queued: {
    where: `state in ('paid', 'transmitting', 'confirming')`,
    time: 'created_at',
    sort: 'bid_per_byte',
  },
  sent: { where: 'ended_at is not null', time: 'ended_at', sort: 'ended_at' },
  'rx-pending': { where: `state = 'sent'`, time: 'ended_at', sort: 'ended_at' },
  received: { where: `state = 'received'`, time: 'ended_at', sort: 'ended_at' },
  // Those that wait for their first retransmission have no time of one, and are left out, as at the peer.
  retransmitting: {
    where: 'last_attempt_at is not null and ended_at is null',
    time: 'last_attempt_at',
    sort: 'last_attempt_at',
  },
} as const satisfies Record<string, Queue>;

export type QueueName = keyof typeof QUEUES;

export function isQueue(name: string): name is QueueName {
  return Object.hasOwn(QUEUES, name);
}

export interface QueuePage {
  readonly queue: QueueName;
  readonly channel: number;
  /** Exclusive, both. Times are compared by whole seconds. */
  readonly before: Date;
  readonly after?: Date;
  readonly limit: number;
}

export async function listOrders(
  pool: Pool,
  { queue, channel, before, after, limit }: QueuePage,
): Promise<OrderRow[]> {
  const { where, time, sort } = QUEUES[queue];
  const { rows } = await pool.query<OrderRow>(
    `select * from orders
     where channel = $1 and ${where} and ${time} < date_trunc('second', $2::timestamptz)
       and ($3::timestamptz is null or ${time} >= date_trunc('second', $3::timestamptz) + interval '1 second')
     order by ${sort} desc limit $4`,
    [channel, before, after ?? null, limit],
  );
  return rows;
}
