import type { ClientBase } from 'pg';
import type { OrderState } from '../../domain/transmissions/machine.js';
import { closeOrder } from './close-order.js';
import { lockChannelOf } from './locked-channel.js';

export type CancelOutcome =
  | { readonly outcome: 'cancelled' }
  /** It has this state already. */
  | { readonly outcome: 'too_late'; readonly state: OrderState }
  | { readonly outcome: 'unknown' };

/** Cancels an order that has not been put on the line. Against a payment or a start, one of them wins. */
export async function cancelOrder(tx: ClientBase, orderId: string): Promise<CancelOutcome> {
  const locked = await lockChannelOf(tx, orderId, 'other');
  if (locked === undefined) return { outcome: 'unknown' };
  const closed = await closeOrder(locked.line, orderId, 'cancelled');
  return closed === undefined
    ? { outcome: 'too_late', state: locked.order.state }
    : { outcome: 'cancelled' };
}
