import type { ClientBase } from 'pg';
import { attemptMachine } from '../../../domain/actions/machine.js';
import type { Us } from '../../../domain/credits/time.js';
import { pipeline } from '../../../db/pipeline.js';
import type { EngineContext } from '../../context.js';
import { derivePreimage, hashOfPreimage } from '../../invoices/preimage.js';
import { enqueueOpening } from '../../outbox.js';
import { openedState } from '../../transition.js';
import type { ActionSubject } from '../attempt-row.js';
import type { ChosenFlow } from './choose-flow.js';
import type { ActionRef } from '../contract.js';
import { announce } from '../move-attempt.js';
import { bookPaid } from '../book-payments.js';
import { performOrRetry } from './perform.js';
import { onPaid, payOutsOf } from '../types/index.js';
import type { PendingInvoice } from '../pending-invoice.js';
import { attemptStart } from '../attempt-start.js';

export interface NewAttempt {
  readonly attempt: number;
  /** The account's name, for the readers of workflow lists; null for the anonymous. */
  readonly actorName: string | null;
  readonly chosen: ChosenFlow;
  readonly invoiceExpirySeconds: number;
}

/** Names the invoice of an attempt: its preimage comes from it. */
export function invoiceId(ref: ActionRef): string {
  return `action/${ref.actionId}/${ref.attempt}`;
}

/**
 * Everything an attempt needs, in the transaction that opens it, and the start of its workflow. Paid by credits it is performed,
 * visible and finished; an optimistic one is performed for its author. Gives the invoice that is to be created.
 */
export async function insertAttempt(
  engine: EngineContext,
  tx: ClientBase,
  subject: ActionSubject,
  opening: NewAttempt,
): Promise<PendingInvoice | undefined> {
  const ref: ActionRef = { actionId: subject.id, attempt: opening.attempt };
  const { actorName, chosen, invoiceExpirySeconds } = opening;
  if (chosen.flow === 'credits') {
    await insertPaid(tx, subject, ref, chosen.atUs);
    await enqueueStartOf(tx, subject, ref, { event: 'paid_by_credits', actorName, delayMs: 0 });
    return undefined;
  }
  const { flow } = chosen;
  const pending = pendingInvoice(engine, subject, ref, { flow, invoiceExpirySeconds });
  await pipeline([
    insertInvoicing(engine, tx, pending, flow),
    enqueueStartOf(tx, subject, ref, {
      event: 'opened',
      actorName,
      delayMs: engine.startDelayMs,
    }),
  ]);
  return pending;
}

interface WorkflowOpening {
  readonly event: 'paid_by_credits' | 'opened';
  readonly actorName: string | null;
  readonly delayMs: number;
}

function enqueueStartOf(
  tx: ClientBase,
  subject: ActionSubject,
  ref: ActionRef,
  { event, actorName, delayMs }: WorkflowOpening,
): Promise<void> {
  const opening = { machine: attemptMachine, subject: `${ref.actionId}/${ref.attempt}`, event };
  const { description } = subject.bound;
  const start = attemptStart(ref, {
    type: subject.type,
    state: openedState(opening),
    actor: actorName,
    summary: ref.attempt === 1 ? description : `${description}, attempt ${ref.attempt}`,
  });
  return enqueueOpening(tx, opening, start, { delayMs });
}

interface Invoicing {
  readonly flow: 'optimistic' | 'pessimistic';
  readonly invoiceExpirySeconds: number;
}

function pendingInvoice(
  { secret }: EngineContext,
  subject: ActionSubject,
  ref: ActionRef,
  { flow, invoiceExpirySeconds }: Invoicing,
): PendingInvoice {
  return {
    ref,
    subject,
    hash: hashOfPreimage(derivePreimage(secret, invoiceId(ref))),
    kind: flow === 'optimistic' ? 'ordinary' : 'hold',
    amountMsat: subject.costMsat,
    expirySeconds: invoiceExpirySeconds,
    memo: subject.bound.description,
  };
}

async function insertPaid(
  tx: ClientBase,
  subject: ActionSubject,
  ref: ActionRef,
  atUs: Us,
): Promise<void> {
  const { actor, costMsat } = subject;
  if (actor === null) throw new Error('credits without an account');
  await performOrRetry(tx, subject, ref.attempt);
  await tx.query(
    `insert into attempts (action_id, attempt, payer, flow, state, cost_msat, performed, settle_seconds)
     values ($1, $2, $4, 'credits', 'PAID', $3, true, 1)`,
    [ref.actionId, ref.attempt, costMsat, actor],
  );
  await onPaid(tx, [subject]);
  const [payOuts = []] = await payOutsOf(tx, [subject]);
  const source = { kind: 'credits' as const, payer: actor, amountMsat: costMsat, atUs };
  await bookPaid(tx, [{ ref, source, payOuts, actor }]);
  await announce(tx, subject, {
    attempt: ref.attempt,
    state: 'PAID',
    reason: null,
    flow: 'credits',
  });
}

async function insertInvoicing(
  { timers }: EngineContext,
  tx: ClientBase,
  { ref, subject, hash, kind, amountMsat, expirySeconds, memo }: PendingInvoice,
  flow: 'optimistic' | 'pessimistic',
): Promise<void> {
  const optimistic = flow === 'optimistic';
  const performed = optimistic ? performOrRetry(tx, subject, ref.attempt) : Promise.resolve();
  const inserted = tx.query(
    `with opened as (
       insert into attempts (action_id, attempt, payer, flow, state, cost_msat, performed, settle_seconds,
         lease_until, deadline_at, due_at)
       values ($1, $2, $13, $3, 'INVOICING', $4, $5, $6,
         clock_timestamp() + $7 * interval '1 second',
         clock_timestamp() + $8 * interval '1 second',
         clock_timestamp() + $7 * interval '1 second'))
     insert into invoices (hash, action_id, attempt, kind, amount_msat, expiry_seconds, memo)
     values ($9, $1, $2, $10, $4, $11, $12)`,
    [
      ref.actionId,
      ref.attempt,
      flow,
      amountMsat,
      optimistic,
      timers.holdSettleSeconds,
      timers.creationLeaseSeconds,
      timers.creationSeconds,
      hash,
      kind,
      expirySeconds,
      memo,
      subject.actor,
    ],
  );
  await pipeline([performed, inserted]);
}
