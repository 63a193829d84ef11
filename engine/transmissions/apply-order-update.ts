import type { ClientBase } from 'pg';
import type { Msat } from '../../domain/money.js';
import { orderNeedsWorkflow } from '../../domain/transmissions/machine.js';
import type { ApplyOutcome } from '../context.js';
import { type InvoiceUpdate, recordUpdate } from '../invoices/record-update.js';
import { sumBids } from './bids.js';
import { closeOrder } from './close-order.js';
import { type Line, lockChannelOf, wakeOrder } from './locked-channel.js';
import { moveOrder } from './move-order.js';
import { bookPayment } from './order-money.js';
import { startNext } from './start-next.js';
import { WAITS_FOR_CHANNEL } from './wait-for-channel.js';
import type { ChangedBy } from '../transition.js';

/** Applies what the node says of an order's invoice, whatever the order's state: one of many calls changes something. */
export async function applyOrderUpdate(
  tx: ClientBase,
  orderId: string,
  fact: InvoiceUpdate,
  by: ChangedBy,
): Promise<ApplyOutcome> {
  // Orders have ordinary invoices, which settle by themselves: nothing of theirs is ever held.
  if (fact.state === 'held') return 'known';
  const locked = await lockChannelOf(tx, orderId, by);
  if (locked === undefined) return 'unknown';
  if ((await recordUpdate(tx, fact)) === undefined) return 'known';
  if (fact.state === 'settled') {
    await applyOrderPayment(locked.line, orderId, fact.hash, fact.receivedMsat);
  } else {
    await orderInvoiceCanceled(locked.line, orderId);
  }
  return 'applied';
}

/** Once per invoice. Money always counts as paid; only an order that waits for it moves by it. */
async function applyOrderPayment(
  line: Line,
  orderId: string,
  hash: string,
  receivedMsat: Msat,
): Promise<void> {
  const order = await sumBids(line, orderId);
  await bookPayment(line.tx, order, hash, receivedMsat);
  if (order.state === 'pending' && order.bid_msat >= order.min_bid_msat) {
    await moveOrder(line, orderId, { event: 'paid', set: () => WAITS_FOR_CHANNEL });
    await startNext(line);
  } else if (!orderNeedsWorkflow(order.state)) {
    await wakeOrder(line, orderId);
  }
}

/** With its last open invoice, an order that is not paid has expired; what was paid in part stays claimable. */
async function orderInvoiceCanceled(line: Line, orderId: string): Promise<void> {
  const order = await sumBids(line, orderId);
  if (!orderNeedsWorkflow(order.state)) await wakeOrder(line, orderId);
  if (order.state !== 'pending') return;
  const { rowCount } = await line.tx.query(
    `select from invoices where order_id = $1 and state in ('wanted', 'open') limit 1`,
    [orderId],
  );
  if (rowCount === 0) await closeOrder(line, orderId, 'expired', 'its last open invoice expired');
}
