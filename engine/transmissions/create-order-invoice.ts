import { LightningError } from '../../adapters/lightning/port.js';
import { toMsat } from '../../domain/money.js';
import { type EngineContext, transact } from '../context.js';
import { expireOrder } from './expire-order.js';
import { ensureOrderInvoice } from './make-order-invoice.js';
import type { PendingInvoice } from './order-invoice.js';

/**
 * The watchdog's way of making an order's invoices, when whoever opened it did not get to it. Refused: the order expires. Throws
 * LightningError when the node was not reached or its answer was lost: to be called again.
 */
export async function createOrderInvoice(
  engine: EngineContext,
  { orderId }: { readonly orderId: string },
): Promise<void> {
  for (const wanted of await pendingInvoices(engine, orderId)) {
    try {
      await ensureOrderInvoice(engine, wanted);
    } catch (error) {
      if (!(error instanceof LightningError) || error.kind !== 'refused') throw error;
      const reason = `the node refused to make its invoice: ${error.code}`;
      await transact(engine, (tx) => expireOrder(tx, orderId, reason, 'workflow'));
      return;
    }
  }
}

async function pendingInvoices(engine: EngineContext, orderId: string): Promise<PendingInvoice[]> {
  const { rows } = await engine.pool.query<{
    hash: string;
    order_bid: number;
    amount_msat: bigint;
    expiry_seconds: number;
    memo: string;
  }>(
    `select hash, order_bid, amount_msat, expiry_seconds, memo from invoices
     where order_id = $1 and state = 'wanted' order by order_bid`,
    [orderId],
  );
  return rows.map((row) => ({
    hash: row.hash,
    orderId,
    bid: row.order_bid,
    amountMsat: toMsat(row.amount_msat),
    expirySeconds: row.expiry_seconds,
    memo: row.memo,
  }));
}
