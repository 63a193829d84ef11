import { LightningError } from '../../domain/lightning/errors.js';
import type { Invoice } from '../../domain/lightning/port.js';
import { type Engine, transact } from '../engine.js';
import { expireOrder } from './expire-order.js';
import { makeOrderInvoice } from './make-order-invoice.js';
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
  engine: Engine,
  request: OpenOrder,
): Promise<PlacedOrder | undefined> {
  const { order, invoice } = await transact(engine, (tx) => openOrder(engine, tx, request));
  const made = await tryToMake(engine, invoice);
  if (made.invoice !== undefined) return { order, invoice: made.invoice };
  await transact(engine, (tx) => expireOrder(tx, order.id, made.reason));
  return undefined;
}

async function tryToMake(
  engine: Engine,
  wanted: Parameters<typeof makeOrderInvoice>[1],
): Promise<{ invoice: Invoice } | { invoice: undefined; reason: string }> {
  try {
    const invoice = await makeOrderInvoice(engine, wanted);
    return invoice === undefined ? { invoice, reason: 'its invoice came too late' } : { invoice };
  } catch (error) {
    if (!(error instanceof LightningError)) throw error;
    return { invoice: undefined, reason: `the node made no invoice: ${error.code}` };
  }
}
