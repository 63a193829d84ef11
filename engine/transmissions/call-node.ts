import { LightningError, type Invoice } from '../../adapters/lightning/port.js';
import { type EngineContext, transact } from '../context.js';
import { cancelAtNode, closeAtNode, createAtNode, type KnownInvoice } from '../invoices/at-node.js';
import type { WantedInvoice } from '../invoices/open-invoice.js';
import { applyOrderUpdate } from './apply-order-update.js';
import { expireOrder } from './end-order.js';
import { findWantedBid, recordOrderInvoice } from './order-invoice.js';

/**
 * Creates the invoice of a bid at the node, or finds the one that was created before, and records it. Undefined when it must not be
 * shown, because its order no longer waits for it: then the node has closed it. Throws LightningError.
 */
export async function ensureOrderInvoice(
  engine: EngineContext,
  orderId: string,
  wanted: WantedInvoice,
): Promise<Invoice | undefined> {
  const invoice = await createAtNode(engine, wanted);
  const shown = await transact(engine, (tx) => recordOrderInvoice(engine, tx, orderId, invoice));
  if (shown) return invoice;
  const update = await cancelAtNode(engine, { hash: wanted.hash, shown: false });
  await transact(engine, (tx) => applyOrderUpdate(tx, orderId, update, 'other'));
  return undefined;
}

/**
 * Creates the invoice of a bid, for those who make the call when the request that opened it did not. When the node refuses, the order
 * expires. Throws LightningError when the node was not reached or its answer was lost: call it again.
 */
export async function createOrderInvoice(
  engine: EngineContext,
  orderId: string,
  n: number,
): Promise<void> {
  const wanted = await findWantedBid(engine.pool, orderId, n);
  if (wanted === undefined) return;
  try {
    await ensureOrderInvoice(engine, orderId, wanted);
  } catch (error) {
    if (!(error instanceof LightningError) || error.kind !== 'refused') throw error;
    const reason = `the node refused to create its invoice: ${error.code}`;
    await transact(engine, (tx) => expireOrder(tx, orderId, reason, 'workflow'));
  }
}

interface OrderRef {
  readonly orderId: string;
}

/** {@link createOrderInvoice} of all bids of an order, for its workflow. */
export async function createOrderInvoices(
  engine: EngineContext,
  { orderId }: OrderRef,
): Promise<void> {
  const { rows } = await engine.pool.query<{ n: number }>(
    `select order_bid as n from invoices where order_id = $1 and state = 'wanted' order by order_bid`,
    [orderId],
  );
  for (const { n } of rows) await createOrderInvoice(engine, orderId, n);
}

/**
 * Looks up at the node the invoices that may still be paid of an order that has expired or ended, closes those that are open, and
 * applies the node's answer: one that was paid in time counts. Throws LightningError when the node was not reached or its answer was
 * lost: call it again.
 */
export async function closeOrderInvoices(
  engine: EngineContext,
  { orderId }: OrderRef,
): Promise<void> {
  const { rows } = await engine.pool.query<KnownInvoice>(
    `select hash, bolt11 is not null as shown from invoices
     where order_id = $1 and state in ('wanted', 'open') order by order_bid`,
    [orderId],
  );
  for (const known of rows) {
    const update = await closeAtNode(engine, known);
    if (update === undefined) continue;
    await transact(engine, (tx) => applyOrderUpdate(tx, orderId, update, 'workflow'));
  }
}
