import { LightningError, type LightningRefusal } from '../../domain/lightning/errors.js';
import type { PaymentHash } from '../../domain/lightning/port.js';
import { ZERO_MSAT } from '../../domain/money.js';
import { type Engine, transact } from '../engine.js';
import { failpoint } from '../failpoint.js';
import { applyInvoiceFact } from '../lightning/apply-invoice-fact.js';
import { derivePreimage, hashOfPreimage } from '../lightning/preimage.js';
import type { ActionRef } from './contract.js';
import { invoiceId } from './insert-attempt.js';

/**
 * Settles the held invoice of an attempt and applies what the node then says. The node is asked first: what we remember of the
 * hold may be stale. Throws LightningError while the outcome is not known.
 */
export async function settleInvoice(
  engine: Engine,
  ref: ActionRef,
  by: 'owner' | 'other',
): Promise<void> {
  const preimage = derivePreimage(engine.secret, invoiceId(ref));
  const hash = hashOfPreimage(preimage);
  const invoice = await engine.node.lookupInvoice(hash);
  if (invoice?.state === 'held') {
    await tolerating(['already_canceled'], () => engine.node.settleInvoice(preimage));
    await failpoint('after-settle-before-apply');
  }
  await applyLookup(engine, hash, by);
}

/**
 * Cancels the invoice of an attempt and applies what the node then says: if it had been settled before, the money counts. Throws
 * LightningError while the outcome is not known.
 */
export async function cancelInvoice(
  engine: Engine,
  ref: ActionRef,
  by: 'owner' | 'other',
): Promise<void> {
  const hash = hashOfPreimage(derivePreimage(engine.secret, invoiceId(ref)));
  await tolerating(['already_settled', 'unknown_hash'], () => engine.node.cancelInvoice(hash));
  await failpoint('after-cancel-before-apply');
  await applyLookup(engine, hash, by);
}

async function tolerating(
  codes: readonly LightningRefusal[],
  call: () => Promise<void>,
): Promise<void> {
  try {
    await call();
  } catch (error) {
    const tolerated = error instanceof LightningError && codes.some((code) => code === error.code);
    if (!tolerated) throw error;
  }
}

/** The node is the authority: whatever it says of the invoice is what happened. One that it does not know was never made. */
async function applyLookup(
  engine: Engine,
  hash: PaymentHash,
  by: 'owner' | 'other',
): Promise<void> {
  const invoice = await engine.node.lookupInvoice(hash);
  const state = invoice?.state ?? 'canceled';
  if (state === 'open') throw LightningError.unknown(`invoice ${hash} is still open`);
  const fact = { hash, state, receivedMsat: invoice?.receivedMsat ?? ZERO_MSAT };
  await transact(engine, (tx) => applyInvoiceFact(engine, tx, fact, by));
}
