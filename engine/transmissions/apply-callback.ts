import type { ClientBase } from 'pg';
import { LightningError } from '../../adapters/lightning/port.js';
import type { Msat } from '../../domain/money.js';
import { type EngineContext, transact } from '../context.js';
import { findInvoice } from '../invoices/find-invoice.js';
import { applyOrderUpdate } from './apply-order-update.js';
import { lockChannelOf } from './locked-channel.js';

/** What a gateway's callback is answered. `expired`: the money is booked all the same, for whoever has the order's token. */
export type CallbackVerdict = 'paid' | 'already_paid' | 'expired' | 'orphaned' | 'unknown';

interface CalledBack {
  readonly state: 'shown' | 'orphan';
  readonly late: boolean;
  readonly hash: string;
  readonly orderId: string;
  readonly amountMsat: Msat;
}

/** Applies a gateway's word that its invoice was paid. Of any number of copies one is accepted. */
export async function applyCallback(
  engine: EngineContext,
  invoiceId: string,
): Promise<CallbackVerdict> {
  return transact(engine, async (tx) => {
    const found = await findCalled(tx, invoiceId);
    if (found === undefined) return 'unknown';
    // What decides is read under the order's lock.
    await lockChannelOf(tx, found.orderId, 'other');
    const called = (await findCalled(tx, invoiceId)) ?? found;
    if (called.state === 'orphan') {
      await markLate(tx, invoiceId);
      return 'orphaned';
    }
    const wasCanceled = await isCanceled(tx, called.hash);
    const { hash, amountMsat: receivedMsat } = called;
    const update = { hash, state: 'settled', receivedMsat } as const;
    const outcome = await applyOrderUpdate(tx, called.orderId, update, 'other');
    if (outcome !== 'applied') return called.late ? 'expired' : 'already_paid';
    if (!wasCanceled) return 'paid';
    await markLate(tx, invoiceId);
    return 'expired';
  });
}

async function findCalled(tx: ClientBase, invoiceId: string): Promise<CalledBack | undefined> {
  const { rows } = await tx.query<CalledBack>(
    `select g.state, g.late_at is not null as late, g.hash, i.order_id as "orderId", i.amount_msat as "amountMsat"
     from gateway_invoices g join invoices i on i.hash = g.hash where g.id = $1`,
    [invoiceId],
  );
  return rows[0];
}

async function isCanceled(tx: ClientBase, hash: string): Promise<boolean> {
  const { rows } = await tx.query<{ state: string }>('select state from invoices where hash = $1', [
    hash,
  ]);
  return rows[0]?.state === 'canceled';
}

/** Operators see it: money came that nobody expected. */
async function markLate(tx: ClientBase, invoiceId: string): Promise<void> {
  await tx.query(
    'update gateway_invoices set late_at = coalesce(late_at, clock_timestamp()) where id = $1',
    [invoiceId],
  );
}

/** Where our own node makes the invoices, it is asked: nobody's word about money is believed. */
export async function applyOwnCallback(
  engine: EngineContext,
  hash: string,
): Promise<CallbackVerdict | 'unpaid'> {
  const found = await findInvoice(engine.pool, hash);
  if (found === undefined || !('orderId' in found.payable) || !found.shown) return 'unknown';
  const { orderId } = found.payable;
  const invoice = await engine.node.lookupInvoice(hash);
  if (invoice === undefined) throw LightningError.unknown(`the node does not know ${hash}`);
  if (invoice.state === 'canceled') return 'expired';
  if (invoice.state !== 'settled') return 'unpaid';
  const { state, receivedMsat } = invoice;
  const outcome = await transact(engine, (tx) =>
    applyOrderUpdate(tx, orderId, { hash, state, receivedMsat }, 'other'),
  );
  return outcome === 'applied' ? 'paid' : 'already_paid';
}
