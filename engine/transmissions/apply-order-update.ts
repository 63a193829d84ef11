import type { ClientBase } from 'pg';
import { pipeline } from '../../db/pipeline.js';
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
  // One round trip: sums that nothing has changed stay as they are.
  const [locked, recorded, order] = await pipeline([
    lockChannelOf(tx, orderId, by),
    recordUpdate(tx, update),
    sumBids(tx, orderId),
  ]);
  if (locked === undefined || order === undefined) return 'unknown';
  if (recorded === undefined) return 'known';
  if (update.state === 'settled') {
    await applyPayment(locked.channel, order, update.hash, update.receivedMsat);
  } else {
    await applyCanceledInvoice(locked.channel, order);
  }
  return 'applied';
}

/** Once per invoice. Money is always booked as paid; only an order that waits for it moves by it. */
async function applyPayment(
  channel: LockedChannel,
  order: OrderRow,
  hash: string,
  receivedMsat: Msat,
): Promise<void> {
  await pipeline([
    bookPayment(channel.tx, order, hash, receivedMsat),
    moveByPayment(channel, order),
  ]);
}

async function moveByPayment(channel: LockedChannel, order: OrderRow): Promise<void> {
  if (order.state === 'pending' && order.bid_msat >= order.min_bid_msat) {
    await moveOrder(channel, order.id, { event: 'paid', set: () => WAITS_FOR_CHANNEL });
    await startNext(channel);
  } else if (!orderNeedsWorkflow(order.state)) {
    await wakeOrder(channel, order.id, 'invoice settled');
  }
}

/** With its last open invoice, an order that is not paid has expired; what was paid in part stays claimable. */
async function applyCanceledInvoice(channel: LockedChannel, order: OrderRow): Promise<void> {
  const { id: orderId } = order;
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
 * order that has ended and has no invoice left to be paid is no longer due. Undefined where there is no such order.
 */
async function sumBids(tx: ClientBase, orderId: string): Promise<OrderRow | undefined> {
  const { rows } = await tx.query<OrderRow>(
    `update orders set bid_msat = s.paid, unpaid_bid_msat = s.unpaid,
       due_at = case when state = any($2) and s.payable = 0 then null else due_at end
     from (select coalesce(sum(received_msat) filter (where state = 'settled'), 0)::bigint as paid,
                  coalesce(sum(amount_msat) filter (where state in ('wanted', 'open')), 0)::bigint as unpaid,
                  count(*) filter (where state in ('wanted', 'open')) as payable
           from invoices where order_id = $1) s
     where id = $1 returning orders.*`,
    [orderId, STATES_WITHOUT_WORKFLOW],
  );
  return rows[0];
}
