import type { ClientBase } from 'pg';
import type { Msat } from '../../domain/money.js';
import { orderMachine, orderNeedsWorkflow } from '../../domain/transmissions/machine.js';
import { statesOf } from '../../domain/machine.js';
import type { ApplyOutcome } from '../context.js';
import { type InvoiceUpdate, recordUpdate } from '../invoices/record-update.js';
import type { ChangedBy } from '../transition.js';
import { endOrder } from './end-order.js';
import { type LockedChannel, lockChannelOf, wakeOrder } from './locked-channel.js';
import { moveOrder, WAITS_FOR_CHANNEL } from './move-order.js';
import { bookPayment } from './order-money.js';
import type { OrderRow } from './order-row.js';
import { startNext } from './start-next.js';

/** Applies what the node says of an order's invoice, whatever the order's state: exactly one of many calls changes something. */
export async function applyOrderUpdate(
  tx: ClientBase,
  orderId: string,
  update: InvoiceUpdate,
  by: ChangedBy,
): Promise<ApplyOutcome> {
  // Orders have ordinary invoices, which settle by themselves: they are never held.
  if (update.state === 'held') return 'known';
  const locked = await lockChannelOf(tx, orderId, by);
  if (locked === undefined) return 'unknown';
  if ((await recordUpdate(tx, update)) === undefined) return 'known';
  if (update.state === 'settled') {
    await applyPayment(locked.channel, orderId, update.hash, update.receivedMsat);
  } else {
    await applyCanceledInvoice(locked.channel, orderId);
  }
  return 'applied';
}

/** Once per invoice. Money is always booked as paid; only an order that waits for it moves by it. */
async function applyPayment(
  channel: LockedChannel,
  orderId: string,
  hash: string,
  receivedMsat: Msat,
): Promise<void> {
  const order = await sumBids(channel, orderId);
  await bookPayment(channel.tx, order, hash, receivedMsat);
  if (order.state === 'pending' && order.bid_msat >= order.min_bid_msat) {
    await moveOrder(channel, orderId, { event: 'paid', set: () => WAITS_FOR_CHANNEL });
    await startNext(channel);
  } else if (!orderNeedsWorkflow(order.state)) {
    await wakeOrder(channel, orderId, 'invoice settled');
  }
}

/** With its last open invoice, an order that is not paid has expired; what was paid in part stays claimable. */
async function applyCanceledInvoice(channel: LockedChannel, orderId: string): Promise<void> {
  const order = await sumBids(channel, orderId);
  if (!orderNeedsWorkflow(order.state)) await wakeOrder(channel, orderId, 'invoice canceled');
  if (order.state !== 'pending') return;
  const { rowCount } = await channel.tx.query(
    `select from invoices where order_id = $1 and state in ('wanted', 'open') limit 1`,
    [orderId],
  );
  if (rowCount === 0) await endOrder(channel, orderId, 'expired', 'its last open invoice expired');
}

const STATES_WITHOUT_WORKFLOW = statesOf(orderMachine).filter(
  (state) => !orderNeedsWorkflow(state),
);

/**
 * Sums an order's bids again after one of its invoices has changed: `bid` is what was paid, `unpaid_bid` what may still be paid. An
 * order that has ended and has no invoice left to be paid is no longer due.
 */
async function sumBids(channel: LockedChannel, orderId: string): Promise<OrderRow> {
  const { rows } = await channel.tx.query<OrderRow>(
    `update orders set bid_msat = s.paid, unpaid_bid_msat = s.unpaid,
       due_at = case when state = any($2) and s.payable = 0 then null else due_at end
     from (select coalesce(sum(received_msat) filter (where state = 'settled'), 0)::bigint as paid,
                  coalesce(sum(amount_msat) filter (where state in ('wanted', 'open')), 0)::bigint as unpaid,
                  count(*) filter (where state in ('wanted', 'open')) as payable
           from invoices where order_id = $1) s
     where id = $1 returning orders.*`,
    [orderId, STATES_WITHOUT_WORKFLOW],
  );
  const [row] = rows;
  if (row === undefined) throw new Error(`order ${orderId} is locked and does not exist`);
  return row;
}
