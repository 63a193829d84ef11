import type { PoolClient } from 'pg';
import { Refusal } from '../../domain/refusal.js';
import { type EngineContext, transact } from '../context.js';
import { takeKey, type IdempotencyKey } from '../idempotency.js';
import { type AttemptRow, loadSubject } from './attempt-row.js';
import { notFound } from './cancel.js';
import { chooseAndLock } from './flows/choose-flow.js';
import type { Opened, Payment } from './contract.js';
import type { Caller } from '../accounts/caller.js';
import { tryToCreateInvoice } from './create-invoice.js';
import { insertAttempt } from './flows/insert-attempt.js';
import { viewAction, viewOwn } from './read-action.js';
import { refuseTooManyUnpaid } from './unpaid-limit.js';
import type { PendingInvoice } from './pending-invoice.js';

export interface RetryAction {
  readonly actionId: string;
  /** The failed attempt that is retried: it must still be the newest. */
  readonly attempt: number;
  readonly payment: Payment;
  readonly invoiceExpirySeconds?: number;
  readonly caller: Caller;
  readonly idempotencyKey?: IdempotencyKey;
}

/**
 * Opens a new attempt with an invoice of its own, or by credits when they cover it now. Throws Refusal `action.not_found`,
 * `action.retry_lost` or `action.not_retryable`.
 */
export async function retryAction(engine: EngineContext, request: RetryAction): Promise<Opened> {
  const { actionId, caller } = request;
  const view = await viewAction(engine.pool, actionId, caller);
  if (view === undefined) throw notFound(actionId);
  const opened = await transact(engine, (tx) => openRetry(engine, tx, request, view.actor));
  if (opened?.pending !== undefined) await tryToCreateInvoice(engine, opened.pending);
  return { view: await viewOwn(engine.pool, actionId), replayed: opened === undefined };
}

/** Undefined when the same request has opened the retry before. */
async function openRetry(
  engine: EngineContext,
  tx: PoolClient,
  request: RetryAction,
  actorName: string | null,
): Promise<{ readonly pending: PendingInvoice | undefined } | undefined> {
  const { actionId, idempotencyKey } = request;
  if (
    idempotencyKey !== undefined &&
    (await takeKey(tx, idempotencyKey, { kind: 'action', id: actionId })) !== undefined
  ) {
    return undefined;
  }
  const subject = await loadSubject(tx, actionId);
  const chosen = await chooseAndLock(tx, subject, request.payment);
  await refuseUnlessNewestFailed(tx, request);
  await subject.steps.validate(tx);
  if (chosen.flow !== 'credits') await refuseTooManyUnpaid(engine, tx, subject.actor);
  const attempt = request.attempt + 1;
  const invoiceExpirySeconds = request.invoiceExpirySeconds ?? engine.timers.invoiceExpirySeconds;
  return {
    pending: await insertAttempt(engine, tx, subject, {
      attempt,
      actorName,
      chosen,
      invoiceExpirySeconds,
    }),
  };
}

/** Locks the action, so that of two retries the second sees the first one's attempt. */
async function refuseUnlessNewestFailed(
  tx: PoolClient,
  { actionId, attempt }: RetryAction,
): Promise<void> {
  await tx.query('select from actions where id = $1 for no key update', [actionId]);
  const { rows } = await tx.query<Pick<AttemptRow, 'attempt' | 'state'>>(
    'select attempt, state from attempts where action_id = $1 order by attempt desc limit 1',
    [actionId],
  );
  const newest = rows[0];
  if (newest === undefined) throw notFound(actionId);
  if (newest.attempt > attempt) {
    throw new Refusal(
      'action.retry_lost',
      `attempt ${attempt} was retried: the newest is ${newest.attempt}`,
    );
  }
  if (newest.attempt < attempt || newest.state !== 'FAILED') {
    throw new Refusal(
      'action.not_retryable',
      `attempt ${newest.attempt} is ${newest.state}: only a failed one can be retried`,
    );
  }
}
