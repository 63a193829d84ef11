import type { ClientBase } from 'pg';
import type { OrderState } from '../../domain/transmissions/machine.js';
import type { ChangedBy } from '../transition.js';
import { type LockedChannel, lockChannelOf } from './locked-channel.js';
import { DUE_AT_END, moveOrder } from './move-order.js';
import { requestOrderCalls } from '../invoices/request-calls.js';
import { releasePayments } from './order-money.js';
import type { OrderRow } from './order-row.js';

/**
 * Ends an order before it was sent: its message is deleted and what was paid for it becomes claimable. Undefined when its state
 * does not allow it. The node still has its invoices: its workflow closes them.
 */
export async function endOrder(
  channel: LockedChannel,
  orderId: string,
  event: 'cancelled' | 'expired',
  reason?: string,
): Promise<OrderRow | undefined> {
  const ended = await moveOrder(channel, orderId, {
    event,
    ...(reason === undefined ? {} : { reason }),
    set: () => ({
      deadline_at: 'null',
      due_at: DUE_AT_END,
      ...(event === 'cancelled' ? { cancelled_at: 'clock_timestamp()' } : {}),
    }),
  });
  if (ended === undefined) return undefined;
  await channel.tx.query('delete from order_messages where order_id = $1', [orderId]);
  await releasePayments(channel.tx, ended);
  await requestOrderCalls(channel.tx, 'cancel_invoice', orderId);
  return ended;
}

/** Ends an order that will not be paid. False when it no longer waits for payment. */
export async function expireOrder(
  tx: ClientBase,
  orderId: string,
  reason: string,
  by: ChangedBy = 'other',
): Promise<boolean> {
  const locked = await lockChannelOf(tx, orderId, by);
  if (locked === undefined) return false;
  return (await endOrder(locked.channel, orderId, 'expired', reason)) !== undefined;
}

export type CancelOutcome =
  | { readonly outcome: 'cancelled' }
  /** It has this state already. */
  | { readonly outcome: 'too_late'; readonly state: OrderState }
  | { readonly outcome: 'unknown' };

/** Cancels an order that has not been transmitted. Of a cancellation and a payment or a start at the same time, one wins. */
export async function cancelOrder(tx: ClientBase, orderId: string): Promise<CancelOutcome> {
  const locked = await lockChannelOf(tx, orderId, 'other');
  if (locked === undefined) return { outcome: 'unknown' };
  const cancelled = await endOrder(locked.channel, orderId, 'cancelled');
  return cancelled === undefined
    ? { outcome: 'too_late', state: locked.order.state }
    : { outcome: 'cancelled' };
}
