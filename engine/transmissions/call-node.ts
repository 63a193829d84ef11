import {
  LightningError,
  type Invoice,
  type LightningPort,
  type PaymentHash,
} from '../../adapters/lightning/port.js';
import { toMsat, ZERO_MSAT } from '../../domain/money.js';
import { type EngineContext, transact } from '../context.js';
import { failpoint } from '../failpoint.js';
import type { InvoiceUpdate } from '../invoices/record-update.js';
import { applyOrderUpdate } from './apply-order-update.js';
import { expireOrder } from './end-order.js';
import { bidPreimage, type PendingInvoice, recordOrderInvoice } from './order-invoice.js';

interface OrderRef {
  readonly orderId: string;
}

/**
 * Creates a pending invoice at the node, or finds the one that was created before, and records it. Undefined when it must not be
 * shown, because its order no longer waits for it. Throws LightningError.
 */
export async function ensureOrderInvoice(
  engine: EngineContext,
  pending: PendingInvoice,
): Promise<Invoice | undefined> {
  const invoice = await createOrFind(engine, pending);
  await failpoint('after-node-create');
  const shown = await transact(engine, (tx) =>
    recordOrderInvoice(engine, tx, pending.orderId, invoice),
  );
  return shown ? invoice : undefined;
}

async function createOrFind(engine: EngineContext, pending: PendingInvoice): Promise<Invoice> {
  try {
    return await engine.node.createInvoice({
      kind: 'ordinary',
      preimage: bidPreimage(engine, pending.orderId, pending.bid),
      amountMsat: pending.amountMsat,
      expirySeconds: pending.expirySeconds,
      memo: pending.memo,
    });
  } catch (error) {
    if (!(error instanceof LightningError) || error.code !== 'duplicate_hash') throw error;
    const invoice = await engine.node.lookupInvoice(pending.hash);
    if (invoice === undefined) throw LightningError.unknown('a duplicate that cannot be found');
    return invoice;
  }
}

/**
 * Creates an order's pending invoices, for the workflow, when the request that opened it did not. When the node refuses, the order
 * expires. Throws LightningError when the node was not reached or its answer was lost: call it again.
 */
export async function createOrderInvoices(
  engine: EngineContext,
  { orderId }: OrderRef,
): Promise<void> {
  for (const pending of await pendingInvoices(engine, orderId)) {
    try {
      await ensureOrderInvoice(engine, pending);
    } catch (error) {
      if (!(error instanceof LightningError) || error.kind !== 'refused') throw error;
      const reason = `the node refused to create its invoice: ${error.code}`;
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

/**
 * Cancels at the node the invoices that may still be paid of an order that has expired or ended, and applies the node's answer: one
 * that was paid in time counts. Throws LightningError when the node was not reached or its answer was lost: call it again.
 */
export async function cancelOrderInvoices(
  engine: EngineContext,
  { orderId }: OrderRef,
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
    // Never created: nobody has seen it, so nobody can pay it.
    if (invoice === undefined) return canceled;
    if (invoice.state !== 'settled') throw error;
    return { hash, state: 'settled', receivedMsat: invoice.receivedMsat };
  }
}
