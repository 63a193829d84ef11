import { LightningError } from '../../domain/lightning/errors.js';
import type { LightningPort, PaymentHash } from '../../domain/lightning/port.js';
import { ZERO_MSAT } from '../../domain/money.js';
import { type Engine, transact } from '../engine.js';
import { applyInvoiceFact } from '../lightning/apply-invoice-fact.js';
import type { HeardFact } from '../lightning/record-fact.js';

/**
 * Closes at the node what may still be paid of an order that has expired or is over, and applies the node's word: paid in time
 * counts. Throws LightningError when the node was not reached or its answer was lost: to be called again.
 */
export async function cancelOrderInvoices(
  engine: Engine,
  { orderId }: { readonly orderId: string },
): Promise<void> {
  const { rows } = await engine.pool.query<{ hash: PaymentHash }>(
    `select hash from invoices where order_id = $1 and state in ('wanted', 'open') order by order_bid`,
    [orderId],
  );
  for (const { hash } of rows) {
    const fact = await cancelAtNode(engine.node, hash);
    await transact(engine, (tx) => applyInvoiceFact(engine, tx, fact, 'owner'));
  }
}

async function cancelAtNode(node: LightningPort, hash: PaymentHash): Promise<HeardFact> {
  const canceled: HeardFact = { hash, state: 'canceled', receivedMsat: ZERO_MSAT };
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
