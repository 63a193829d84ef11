import {
  LightningError,
  type LightningPort,
  type PaymentHash,
} from '../../adapters/lightning/port.js';
import { ZERO_MSAT } from '../../domain/money.js';
import { type EngineContext, transact } from '../context.js';
import { applyOrderUpdate } from './apply-order-update.js';
import type { InvoiceUpdate } from '../invoices/record-update.js';

/**
 * Closes at the node what may still be paid of an order that has expired or is over, and applies the node's word: paid in time
 * counts. Throws LightningError when the node was not reached or its answer was lost: to be called again.
 */
export async function cancelOrderInvoices(
  engine: EngineContext,
  { orderId }: { readonly orderId: string },
): Promise<void> {
  const { rows } = await engine.pool.query<{ hash: PaymentHash }>(
    `select hash from invoices where order_id = $1 and state in ('wanted', 'open') order by order_bid`,
    [orderId],
  );
  for (const { hash } of rows) {
    const update = await cancelAtNode(engine.node, hash);
    await transact(engine, (tx) => applyOrderUpdate(tx, orderId, update, 'workflow'));
  }
}

async function cancelAtNode(node: LightningPort, hash: PaymentHash): Promise<InvoiceUpdate> {
  const canceled: InvoiceUpdate = { hash, state: 'canceled', receivedMsat: ZERO_MSAT };
  try {
    await node.cancelInvoice(hash);
    return canceled;
  } catch (error) {
    if (!(error instanceof LightningError) || error.kind !== 'refused') throw error;
    const invoice = await node.lookupInvoice(hash);
    // Never made: nobody can pay it, and nobody has seen it.
    if (invoice === undefined) return canceled;
    if (invoice.state !== 'settled') throw error;
    return { hash, state: 'settled', receivedMsat: invoice.receivedMsat };
  }
}
