import { LightningError, type Invoice } from '../../adapters/lightning/port.js';
import { type EngineContext, transact } from '../context.js';
import { expireOrder } from './expire-order.js';
import { ensureOrderInvoice } from './make-order-invoice.js';
import { type OpenOrder, openOrder } from './open-order.js';
import type { OrderRow } from './order-row.js';

export interface PlacedOrder {
  readonly order: OrderRow;
  readonly invoice: Invoice;
}

/**
 * The edge's way in: opens the order and has the node make its invoice. Undefined when it did not: then the order has expired, and
 * its owner sees to it that nothing payable is left at the node.
 */
export async function placeOrder(
  engine: EngineContext,
  request: OpenOrder,
): Promise<PlacedOrder | undefined> {
  const { order, invoice } = await transact(engine, (tx) => openOrder(engine, tx, request));
  const made = await tryToMake(engine, invoice);
  if (made.invoice !== undefined) return { order, invoice: made.invoice };
  await transact(engine, (tx) => expireOrder(tx, order.id, made.reason));
  return undefined;
}

async function tryToMake(
  engine: EngineContext,
  wanted: Parameters<typeof ensureOrderInvoice>[1],
): Promise<{ invoice: Invoice } | { invoice: undefined; reason: string }> {
  try {
    const invoice = await ensureOrderInvoice(engine, wanted);
    return invoice === undefined ? { invoice, reason: 'its invoice came too late' } : { invoice };
  } catch (error) {
    if (!(error instanceof LightningError)) throw error;
    return { invoice: undefined, reason: `the node made no invoice: ${error.code}` };
  }
}
