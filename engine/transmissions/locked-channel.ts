import type { ClientBase } from 'pg';
import { pipeline } from '../../db/pipeline.js';
import { orderWorkflowId } from '../../domain/names/workflows.js';
import { enqueueWake } from '../outbox.js';
import { lockOrder, type OrderRow } from './order-row.js';
import type { ChangedBy } from '../transition.js';

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
export async function lockChannel(tx: ClientBase, channel: number, owner?: string): Promise<Line> {
  const { rows } = await tx.query<LineRow>(
    'select number, rate_bytes_per_second as rate from channels where number = $1 for no key update',
    [channel],
  );
  if (rows[0] === undefined) throw new Error(`there is no channel ${channel}`);
  return lineOf(tx, rows[0], owner);
}

interface LineRow {
  readonly number: number;
  readonly rate: number;
}

function lineOf(tx: ClientBase, { number: channel, rate }: LineRow, owner?: string): Line {
  return { tx, channel, rate, awake: new Set(owner === undefined ? [] : [owner]) };
}

/** Locks an order's line, then the order. Undefined when there is no such order. */
export async function lockChannelOf(
  tx: ClientBase,
  orderId: string,
  by: ChangedBy,
): Promise<{ line: Line; order: OrderRow } | undefined> {
  const [{ rows }, order] = await pipeline([
    tx.query<LineRow>(
      `select number, rate_bytes_per_second as rate from channels
       where number = (select channel from orders where id = $1) for no key update`,
      [orderId],
    ),
    lockOrder(tx, orderId),
  ]);
  if (rows[0] === undefined || order === undefined) return undefined;
  return { line: lineOf(tx, rows[0], by === 'workflow' ? orderId : undefined), order };
}

/** Has the order's workflow read its row again once the transaction has committed. */
export async function wakeOrder(line: Line, orderId: string): Promise<void> {
  if (line.awake.has(orderId)) return;
  line.awake.add(orderId);
  await enqueueWake(line.tx, orderWorkflowId(orderId));
}
