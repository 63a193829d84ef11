import {
  LightningError,
  type LightningRefusal,
  type PaymentHash,
} from '../../adapters/lightning/port.js';
import { ZERO_MSAT } from '../../domain/money.js';
import { type EngineContext, transact } from '../context.js';
import { failpoint } from '../failpoint.js';
import { derivePreimage, hashOfPreimage } from '../invoices/preimage.js';
import { loadSubject } from './attempt-row.js';
import type { ActionRef } from './contract.js';
import { applyAttemptUpdate } from './flows/apply-attempt-update.js';
import { invoiceId } from './flows/insert-attempt.js';
import type { ChangedBy } from '../transition.js';

/**
 * Settles the held invoice of an attempt and applies what the node then says. The node is asked first: what we dedupe of the
 * hold may be stale. Throws LightningError while the outcome is not known.
 */
export async function settleInvoice(
  engine: EngineContext,
  ref: ActionRef,
  by: ChangedBy,
): Promise<void> {
  const preimage = derivePreimage(engine.secret, invoiceId(ref));
  const hash = hashOfPreimage(preimage);
  const invoice = await engine.node.lookupInvoice(hash);
  if (invoice?.state === 'held') {
    await tolerating(['already_canceled'], () => engine.node.settleInvoice(preimage));
    await failpoint('after-settle-before-apply');
  }
  await applyLookup(engine, ref, hash, by);
}

/**
 * Cancels the invoice of an attempt and applies what the node then says: if it had been settled before, the money counts. Throws
 * LightningError while the outcome is not known.
 */
export async function cancelInvoice(
  engine: EngineContext,
  ref: ActionRef,
  by: ChangedBy,
): Promise<void> {
  const hash = hashOfPreimage(derivePreimage(engine.secret, invoiceId(ref)));
  await tolerating(['already_settled', 'unknown_hash'], () => engine.node.cancelInvoice(hash));
  await failpoint('after-cancel-before-apply');
  await applyLookup(engine, ref, hash, by);
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

/** The node is the authority on what happened to the invoice. One that it does not know was never created. */
async function applyLookup(
  engine: EngineContext,
  ref: ActionRef,
  hash: PaymentHash,
  by: ChangedBy,
): Promise<void> {
  const invoice = await engine.node.lookupInvoice(hash);
  const state = invoice?.state ?? 'canceled';
  if (state === 'open') throw LightningError.unknown(`invoice ${hash} is still open`);
  const update = { hash, state, receivedMsat: invoice?.receivedMsat ?? ZERO_MSAT };
  await transact(engine, async (tx) => {
    const subject = await loadSubject(tx, ref.actionId);
    await applyAttemptUpdate(tx, subject, ref.attempt, update, by);
  });
}
