import { LightningError, type Invoice } from '../../adapters/lightning/port.js';
import { type EngineContext, transact } from '../context.js';
import { failpoint } from '../failpoint.js';
import { bidPreimage, recordOrderInvoice, type PendingInvoice } from './order-invoice.js';

/**
 * Has the node make an invoice that is wanted, or finds the one it made before, and records it. Undefined when it must not be
 * shown, because its order no longer waits for it. Throws LightningError.
 */
export async function ensureOrderInvoice(
  engine: EngineContext,
  wanted: PendingInvoice,
): Promise<Invoice | undefined> {
  const invoice = await createOrFind(engine, wanted);
  await failpoint('after-node-create');
  const shown = await transact(engine, (tx) =>
    recordOrderInvoice(engine, tx, wanted.orderId, invoice),
  );
  return shown ? invoice : undefined;
}

async function createOrFind(engine: EngineContext, wanted: PendingInvoice): Promise<Invoice> {
  try {
    return await engine.node.createInvoice({
      kind: 'ordinary',
      preimage: bidPreimage(engine, wanted.orderId, wanted.bid),
      amountMsat: wanted.amountMsat,
      expirySeconds: wanted.expirySeconds,
      memo: wanted.memo,
    });
  } catch (error) {
    if (!(error instanceof LightningError) || error.code !== 'duplicate_hash') throw error;
    const invoice = await engine.node.lookupInvoice(wanted.hash);
    if (invoice === undefined) throw LightningError.unknown('a duplicate that cannot be found');
    return invoice;
  }
}
