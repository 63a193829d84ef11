import type { ClientBase } from 'pg';
import { pipeline } from '../../db/pipeline.js';
import { orderWorkflowId } from '../../domain/names/workflows.js';
import { enqueueWake } from '../outbox.js';
import type { ChangedBy } from '../transition.js';
import { lockOrder, type OrderRow } from './order-row.js';

/**
 * A channel whose row this transaction has locked: nobody else decides what it transmits until the transaction ends. Statements
 * that decide come after the lock, so that they see what the previous holder has written.
 */
export interface LockedChannel {
  readonly tx: ClientBase;
  readonly number: number;
  /** Bytes per second, of orders whose row does not say. */
  readonly rate: number;
  /** Orders whose workflows need no wake in this transaction: the one that acts here, and those that were woken already. */
  readonly awake: Set<string>;
}

interface ChannelRow {
  readonly number: number;
  readonly rate: number;
}

/** Locks a channel, for an order that this transaction opens. */
export async function lockChannel(tx: ClientBase, number: number): Promise<LockedChannel> {
  const { rows } = await tx.query<ChannelRow>(
    `select number, rate_bytes_per_second as rate from channels where number = $1 for no key update`,
    [number],
  );
  const [row] = rows;
  if (row === undefined) throw new RangeError(`there is no channel ${number}`);
  return { tx, ...row, awake: new Set() };
}

/** Locks an order's channel, then the order. Undefined when there is no such order. */
export async function lockChannelOf(
  tx: ClientBase,
  orderId: string,
  by: ChangedBy,
): Promise<{ channel: LockedChannel; order: OrderRow } | undefined> {
  const [{ rows }, order] = await pipeline([
    tx.query<ChannelRow>(
      `select number, rate_bytes_per_second as rate from channels
       where number = (select channel from orders where id = $1) for no key update`,
      [orderId],
    ),
    lockOrder(tx, orderId),
  ]);
  const [row] = rows;
  if (row === undefined || order === undefined) return undefined;
  const awake = new Set(by === 'workflow' ? [orderId] : []);
  return { channel: { tx, ...row, awake }, order };
}

/** Makes the order's workflow read its row again once the transaction has committed. */
export async function wakeOrder(
  channel: LockedChannel,
  orderId: string,
  reason: string,
): Promise<void> {
  if (channel.awake.has(orderId)) return;
  channel.awake.add(orderId);
  await enqueueWake(channel.tx, orderWorkflowId(orderId), reason);
}
