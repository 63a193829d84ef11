import type { ClientBase } from 'pg';
import { closeOrder } from './close-order.js';
import { lockLineOf } from './line.js';

/** Ends an order that will not be paid. False when it no longer waits for that. */
export async function expireOrder(
  tx: ClientBase,
  orderId: string,
  reason: string,
  by: 'owner' | 'other' = 'other',
): Promise<boolean> {
  const locked = await lockLineOf(tx, orderId, by);
  if (locked === undefined) return false;
  return (await closeOrder(locked.line, orderId, 'expired', reason)) !== undefined;
}
