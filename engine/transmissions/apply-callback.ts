import type { ClientBase } from 'pg';
import { LightningError } from '../../adapters/lightning/port.js';
import { pipeline } from '../../db/pipeline.js';
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
  readonly amountMsat: Msat;
  /** The invoice was given up before. */
  readonly canceled: boolean;
}

/** Applies a gateway's word that its invoice, of that order, was paid. Of any number of copies one is accepted. */
export async function applyCallback(
  engine: EngineContext,
  orderId: string,
  invoiceId: string,
): Promise<CallbackVerdict> {
  return transact(engine, async (tx) => {
    // One round trip: what decides is read after the order was locked.
    const [, called] = await pipeline([
      lockChannelOf(tx, orderId, 'other'),
      findCalled(tx, invoiceId),
    ]);
    if (called === undefined) return 'unknown';
    if (called.state === 'orphan') {
      await markLate(tx, invoiceId);
      return 'orphaned';
    }
    const { hash, amountMsat: receivedMsat } = called;
    const update = { hash, state: 'settled', receivedMsat } as const;
    const outcome = await applyOrderUpdate(tx, orderId, update, 'other');
    if (outcome !== 'applied') return called.late ? 'expired' : 'already_paid';
    if (!called.canceled) return 'paid';
    await markLate(tx, invoiceId);
    return 'expired';
  });
}

async function findCalled(tx: ClientBase, invoiceId: string): Promise<CalledBack | undefined> {
  const { rows } = await tx.query<CalledBack>(
    `select g.state, g.late_at is not null as late, g.hash, i.amount_msat as "amountMsat", i.state = 'canceled' as canceled
     from gateway_invoices g join invoices i on i.hash = g.hash where g.id = $1`,
    [invoiceId],
  );
  return rows[0];
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
