import type { ClientBase } from 'pg';
import { orderWorkflowId } from '../../domain/names/workflows.js';
import { enqueueWake } from '../outbox.js';
import { lockOrder, type OrderRow } from './order-row.js';

/**
 * A channel's one line, whose row this transaction has locked: nobody else chooses what it sends until the transaction ends.
 * Statements that choose come after the lock, so that they see what the one before has done.
 */
export interface Line {
  readonly tx: ClientBase;
  readonly channel: number;
  /** Bytes per second. */
  readonly rate: number;
  /** Orders whose workflows need no wake in this transaction: that of the owner who steps, and those woken already. */
  readonly awake: Set<string>;
}

/** `owner`: the order whose own workflow acts here. */
export async function lockLine(tx: ClientBase, channel: number, owner?: string): Promise<Line> {
  const { rows } = await tx.query<{ rate_bytes_per_second: number }>(
    'select rate_bytes_per_second from channels where number = $1 for no key update',
    [channel],
  );
  const row = rows[0];
  if (row === undefined) throw new Error(`there is no channel ${channel}`);
  const awake = new Set(owner === undefined ? [] : [owner]);
  return { tx, channel, rate: row.rate_bytes_per_second, awake };
}

/** Locks an order's line, then the order. Undefined when there is no such order. */
export async function lockLineOf(
  tx: ClientBase,
  orderId: string,
  by: 'owner' | 'other',
): Promise<{ line: Line; order: OrderRow } | undefined> {
  const { rows } = await tx.query<{ channel: number }>('select channel from orders where id = $1', [
    orderId,
  ]);
  const found = rows[0];
  if (found === undefined) return undefined;
  const line = await lockLine(tx, found.channel, by === 'owner' ? orderId : undefined);
  const order = await lockOrder(tx, orderId);
  return order === undefined ? undefined : { line, order };
}

/** Has the order's workflow read its row again once the transaction has committed. */
export async function wakeOrder(line: Line, orderId: string): Promise<void> {
  if (line.awake.has(orderId)) return;
  line.awake.add(orderId);
  await enqueueWake(line.tx, orderWorkflowId(orderId));
}
