import type { ClientBase } from 'pg';
import type { AttemptState } from '../../domain/actions/machine.js';
import { LightningError } from '../../domain/lightning/errors.js';
import type { Invoice, PaymentHash } from '../../domain/lightning/port.js';
import { type Msat, ZERO_MSAT } from '../../domain/money.js';
import { type Engine, transact } from '../engine.js';
import { failpoint } from '../failpoint.js';
import { applyInvoiceFact } from '../lightning/apply-invoice-fact.js';
import { derivePreimage } from '../lightning/preimage.js';
import { recordFact } from '../lightning/record-fact.js';
import {
  type ActionSubject,
  loadSubject,
  lockAttempt,
  subjectOf,
  type SubjectRow,
} from './attempt-row.js';
import type { ActionRef } from './contract.js';
import { invoiceId } from './insert-attempt.js';
import { type AttemptMove, moveAttempt } from './move-attempt.js';

/** With its action, which is needed when it is recorded. */
interface WantedInvoice extends SubjectRow {
  readonly hash: string;
  readonly kind: 'ordinary' | 'hold';
  readonly amount_msat: Msat;
  readonly expiry_seconds: number;
  readonly memo: string;
}

/**
 * Makes the invoice of an attempt at the node and records it: by the edge, which holds the first lease, or by the workflow once
 * that has run out. Ends the attempt when the node refuses. Throws LightningError while nothing is known: try again.
 */
export async function createInvoice(
  engine: Engine,
  ref: ActionRef,
  by: 'owner' | 'other',
): Promise<void> {
  const wanted = await findWanted(engine, ref);
  if (wanted === undefined) return;
  const invoice = await makeOrFind(engine, ref, wanted).catch(async (error: unknown) => {
    await releaseLease(engine, ref);
    throw error;
  });
  await failpoint('after-node-create');
  if (invoice === 'refused') {
    await transact(engine, (tx) => failCreation(tx, ref, wanted.hash, by));
  } else if (!(await recordInvoice(engine, ref, { invoice, subject: subjectOf(wanted) }, by))) {
    // Nobody has seen it, so nobody can pay it; should this fail it is left to expire.
    await engine.node.cancelInvoice(invoice.hash);
  }
}

/** The edge holds the first lease. What it cannot finish is left to the workflow. */
export async function createInvoiceAtEdge(engine: Engine, ref: ActionRef): Promise<void> {
  try {
    await createInvoice(engine, ref, 'other');
  } catch (error) {
    if (!(error instanceof LightningError)) throw error;
  }
}

/** Takes the lease if it is free; false when no invoice is needed any more, or somebody is at it. */
export async function takeLease(engine: Engine, ref: ActionRef): Promise<boolean> {
  const { rowCount } = await engine.pool.query(
    `update attempts set lease_until = clock_timestamp() + $3 * interval '1 second'
     where action_id = $1 and attempt = $2 and state = 'INVOICING' and lease_until <= clock_timestamp()`,
    [ref.actionId, ref.attempt, engine.timers.creationLeaseSeconds],
  );
  return rowCount === 1;
}

/** Whoever failed lets the next one try at once. */
async function releaseLease(engine: Engine, ref: ActionRef): Promise<void> {
  await engine.pool.query(
    `update attempts set lease_until = clock_timestamp(), due_at = clock_timestamp()
     where action_id = $1 and attempt = $2 and state = 'INVOICING'`,
    [ref.actionId, ref.attempt],
  );
}

async function findWanted(engine: Engine, ref: ActionRef): Promise<WantedInvoice | undefined> {
  const { rows } = await engine.pool.query<WantedInvoice>(
    `select i.hash, i.kind, i.amount_msat, i.expiry_seconds, i.memo,
       s.id, s.type, s.actor, s.args, s.cost_msat
     from invoices i join attempts a using (action_id, attempt) join actions s on s.id = action_id
     where action_id = $1 and attempt = $2 and a.state = 'INVOICING'`,
    [ref.actionId, ref.attempt],
  );
  return rows[0];
}

async function makeOrFind(
  engine: Engine,
  ref: ActionRef,
  wanted: WantedInvoice,
): Promise<Invoice | 'refused'> {
  const { hash, kind } = wanted;
  const preimage = derivePreimage(engine.secret, invoiceId(ref));
  try {
    return await engine.node.createInvoice({
      kind,
      ...(kind === 'hold' ? { hash } : { preimage }),
      amountMsat: wanted.amount_msat,
      expirySeconds: wanted.expiry_seconds,
      memo: wanted.memo,
    });
  } catch (error) {
    if (!(error instanceof LightningError) || error.kind !== 'refused') throw error;
    if (error.code !== 'duplicate_hash') return 'refused';
    const existing = await engine.node.lookupInvoice(hash);
    if (existing === undefined) throw LightningError.unknown('the invoice exists and is not found');
    return existing;
  }
}

/** False when the attempt no longer wants it. Whatever already happened to the invoice is applied with it. */
function recordInvoice(
  engine: Engine,
  ref: ActionRef,
  { invoice, subject }: { readonly invoice: Invoice; readonly subject: ActionSubject },
  by: 'owner' | 'other',
): Promise<boolean> {
  return transact(engine, async (tx) => {
    const move = moveToInvoiced(engine, invoice);
    // The workflow has most likely not started yet: it is not woken, it will read the row.
    const moved = await moveAttempt(tx, subject, ref, move, 'owner');
    if (moved === undefined && GIVEN_UP.has((await lockAttempt(tx, ref)).state)) return false;
    await tx.query(
      `update invoices set bolt11 = $2, expires_at = $3, changed_at = clock_timestamp(),
         state = case when state = 'wanted' then 'open' else state end
       where hash = $1 and bolt11 is null`,
      [invoice.hash, invoice.bolt11, invoice.expiresAt],
    );
    if (invoice.state !== 'open') {
      const { hash, state, receivedMsat } = invoice;
      await applyInvoiceFact(engine, tx, { hash, state, receivedMsat }, by);
    }
    return true;
  });
}

const GIVEN_UP: ReadonlySet<AttemptState> = new Set<AttemptState>(['CANCELLING', 'FAILED']);

function moveToInvoiced({ timers }: Engine, invoice: Invoice): AttemptMove {
  const deadline = new Date(invoice.expiresAt.getTime() + timers.expiryGraceSeconds * 1000);
  return {
    event: invoice.kind === 'hold' ? 'hold_invoice_created' : 'invoice_created',
    set: (param) => {
      const at = `${param(deadline)}::timestamptz`;
      return { deadline_at: at, due_at: at };
    },
  };
}

/** Ends an attempt that never got an invoice; one that turns up all the same was never shown. */
export async function failCreation(
  tx: ClientBase,
  ref: ActionRef,
  hash: PaymentHash,
  by: 'owner' | 'other',
): Promise<void> {
  const subject = await loadSubject(tx, ref.actionId);
  const move = { event: 'creation_failed', reason: 'INVOICE_CREATION_FAILED' } as const;
  const failed = await moveAttempt(tx, subject, ref, move, by);
  if (failed === undefined) return;
  await recordFact(tx, { hash, state: 'canceled', receivedMsat: ZERO_MSAT });
  if (failed.performed) await subject.steps.undo(tx);
}
