import type { ClientBase } from 'pg';
import { closeOrder } from './close-order.js';
import { lockChannelOf } from './locked-channel.js';
import type { ChangedBy } from '../transition.js';

/** Ends an order that will not be paid. False when it no longer waits for that. */
export async function expireOrder(
  tx: ClientBase,
  orderId: string,
  reason: string,
  by: ChangedBy = 'other',
): Promise<boolean> {
  const locked = await lockChannelOf(tx, orderId, by);
  if (locked === undefined) return false;
  return (await closeOrder(locked.line, orderId, 'expired', reason)) !== undefined;
}
