import type { ClientBase } from 'pg';
import type { AttemptState } from '../../domain/actions/machine.js';
import { pipeline } from '../../db/pipeline.js';
import { LightningError, type Invoice, type PaymentHash } from '../../adapters/lightning/port.js';
import { ZERO_MSAT } from '../../domain/money.js';
import { type EngineContext, transact } from '../context.js';
import { failpoint } from '../failpoint.js';
import { derivePreimage } from '../invoices/preimage.js';
import { recordUpdate } from '../invoices/record-update.js';
import { loadSubject, lockAttempt } from './attempt-row.js';
import type { ActionRef } from './contract.js';
import { applyAttemptUpdate } from './flows/apply-attempt-update.js';
import { invoiceId } from './flows/insert-attempt.js';
import { type AttemptMove, moveAttempt } from './move-attempt.js';
import { findPendingInvoice, type PendingInvoice } from './pending-invoice.js';
import type { ChangedBy } from '../transition.js';

/**
 * Creates the invoice of an attempt at the node and records it, for the workflow once the lease of the request has ended. Ends the
 * attempt when the node refuses. Throws LightningError while the outcome is not known: call it again.
 */
export async function createInvoice(
  engine: EngineContext,
  ref: ActionRef,
  by: ChangedBy,
): Promise<void> {
  const pending = await findPendingInvoice(engine, ref);
  if (pending !== undefined) await createAndRecord(engine, pending, by);
}

/** {@link createInvoice}, for the request that opened the attempt and holds the first lease. What fails is left to the workflow. */
export async function tryToCreateInvoice(
  engine: EngineContext,
  pending: PendingInvoice,
): Promise<void> {
  try {
    await createAndRecord(engine, pending, 'other');
  } catch (error) {
    if (!(error instanceof LightningError)) throw error;
  }
}

async function createAndRecord(
  engine: EngineContext,
  pending: PendingInvoice,
  by: ChangedBy,
): Promise<void> {
  const { ref, hash } = pending;
  const invoice = await createOrFind(engine, pending).catch(async (error: unknown) => {
    await releaseLease(engine, ref);
    throw error;
  });
  await failpoint('after-node-create');
  if (invoice === 'refused') {
    await transact(engine, (tx) => failCreation(tx, ref, hash, by));
  } else if (!(await recordInvoice(engine, pending, invoice, by))) {
    // Nobody has seen it, so nobody can pay it; if this fails, it expires.
    await engine.node.cancelInvoice(invoice.hash);
  }
}

/** Takes the lease if it is free; false when no invoice is needed any more, or another process is creating it. */
export async function takeLease(engine: EngineContext, ref: ActionRef): Promise<boolean> {
  const { rowCount } = await engine.pool.query(
    `update attempts set lease_until = clock_timestamp() + $3 * interval '1 second'
     where action_id = $1 and attempt = $2 and state = 'INVOICING' and lease_until <= clock_timestamp()`,
    [ref.actionId, ref.attempt, engine.timers.creationLeaseSeconds],
  );
  return rowCount === 1;
}

/** After a failure, so that the next try need not wait. */
async function releaseLease(engine: EngineContext, ref: ActionRef): Promise<void> {
  await engine.pool.query(
    `update attempts set lease_until = clock_timestamp(), due_at = clock_timestamp()
     where action_id = $1 and attempt = $2 and state = 'INVOICING'`,
    [ref.actionId, ref.attempt],
  );
}

async function createOrFind(
  engine: EngineContext,
  { ref, hash, kind, amountMsat, expirySeconds, memo }: PendingInvoice,
): Promise<Invoice | 'refused'> {
  const preimage = derivePreimage(engine.secret, invoiceId(ref));
  const secret = kind === 'hold' ? { hash } : { preimage };
  try {
    return await engine.node.createInvoice({ kind, ...secret, amountMsat, expirySeconds, memo });
  } catch (error) {
    if (!(error instanceof LightningError) || error.kind !== 'refused') throw error;
    if (error.code !== 'duplicate_hash') return 'refused';
    const existing = await engine.node.lookupInvoice(hash);
    if (existing === undefined) throw LightningError.unknown('the invoice exists and is not found');
    return existing;
  }
}

/** False when the attempt no longer needs it. What has already happened to the invoice is applied with it. */
function recordInvoice(
  engine: EngineContext,
  { ref, subject }: PendingInvoice,
  invoice: Invoice,
  by: ChangedBy,
): Promise<boolean> {
  return transact(engine, async (tx) => {
    const move = moveToInvoiced(engine, invoice);
    const [moved] = await pipeline([
      // Not woken: the workflow has most likely not started yet, and will read the row.
      moveAttempt(tx, subject, ref, move, 'workflow'),
      writeInvoice(tx, ref, invoice),
    ]);
    if (moved === undefined && WITHOUT_INVOICE.has((await lockAttempt(tx, ref)).state))
      return false;
    if (invoice.state !== 'open') {
      const { hash, state, receivedMsat } = invoice;
      await applyAttemptUpdate(tx, subject, ref.attempt, { hash, state, receivedMsat }, by);
    }
    return true;
  });
}

/** Unless the attempt is being cancelled or has failed. Sent after the transition, whose lock keeps that state as it is. */
async function writeInvoice(
  tx: ClientBase,
  { actionId, attempt }: ActionRef,
  { hash, bolt11, expiresAt }: Invoice,
): Promise<void> {
  await tx.query(
    `update invoices set bolt11 = $2, expires_at = $3, changed_at = clock_timestamp(),
       state = case when state = 'wanted' then 'open' else state end
     where hash = $1 and bolt11 is null and not exists (
       select from attempts where action_id = $4 and attempt = $5 and state = any($6))`,
    [hash, bolt11, expiresAt, actionId, attempt, [...WITHOUT_INVOICE]],
  );
}

const WITHOUT_INVOICE: ReadonlySet<AttemptState> = new Set<AttemptState>(['CANCELLING', 'FAILED']);

function moveToInvoiced({ timers }: EngineContext, invoice: Invoice): AttemptMove {
  const deadline = new Date(invoice.expiresAt.getTime() + timers.expiryGraceSeconds * 1000);
  return {
    event: invoice.kind === 'hold' ? 'hold_invoice_created' : 'invoice_created',
    set: (param) => {
      const at = `${param(deadline)}::timestamptz`;
      return { deadline_at: at, due_at: at };
    },
  };
}

/** Ends an attempt that has no invoice; if the node has created one all the same, it was never shown. */
export async function failCreation(
  tx: ClientBase,
  ref: ActionRef,
  hash: PaymentHash,
  by: ChangedBy,
): Promise<void> {
  const subject = await loadSubject(tx, ref.actionId);
  const move = { event: 'creation_failed', reason: 'INVOICE_CREATION_FAILED' } as const;
  const failed = await moveAttempt(tx, subject, ref, move, by);
  if (failed === undefined) return;
  await recordUpdate(tx, { hash, state: 'canceled', receivedMsat: ZERO_MSAT });
  if (failed.performed) await subject.steps.undo(tx);
}
