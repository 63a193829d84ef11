import type { PoolClient } from 'pg';
import { refuseFrozen } from '../accounts/accounts.js';
import type { Payment } from '../../domain/actions/plan-payment.js';
import { Refusal } from '../../domain/refusal.js';
import { actorOf, tryToGet } from './open.js';
import type { Caller } from '../accounts/caller.js';
import { type EngineContext, transact } from '../context.js';
import { takeKey, type IdempotencyKey } from '../idempotency.js';
import { type Action, loadAction } from './action.js';
import type { AttemptRow } from './attempt-row.js';
import { notFound } from './cancel.js';
import type { ActionRef, Opened } from './contract.js';
import { claimAtOpening } from './claim-keys.js';
import { insertAttempt, isPerformedAtOnce, type Wanted } from './insert-attempt.js';
import { refuseTooManyOpen } from './limits.js';
import { planMoney } from './plan-money.js';
import { viewAction, viewOwn } from './read-action.js';
import { validate } from './run-type.js';
import type { Share } from './types/paid-action-type.js';
import { custodialShare, wrappedShareOf } from './wrapped/plan-wrapped.js';
import { readOthers } from './wrapped/wrapping.js';

export interface RetryAction {
  readonly actionId: string;
  /** The failed attempt that is retried: it must still be the newest. */
  readonly attempt: number;
  readonly payment: Payment;
  readonly invoiceExpirySeconds?: number;
  readonly caller: Caller;
  readonly idempotencyKey?: IdempotencyKey;
  /** Of a caller without an account: its network, for limits. */
  readonly origin?: Buffer;
  /** By the system: refused where its author has dismissed the failure. */
  readonly automatic?: true;
}

/**
 * Opens a new attempt at the cost and shares that were quoted at first: with an invoice of its own, or by balance when that covers it
 * now. Nobody retries with another's money: an operator's retry is paid by invoice. Throws Refusal `action.not_found`,
 * `action.retry_lost`, `action.not_retryable`, or what the type refuses today.
 */
export async function retryAction(engine: EngineContext, request: RetryAction): Promise<Opened> {
  const { actionId, caller } = request;
  const view = await viewAction(engine.pool, actionId, caller, 'payments');
  if (view === undefined) throw notFound(actionId);
  const opened = await transact(engine, (tx) => openRetry(engine, tx, request, view.actor));
  if (opened?.wanted !== undefined) await tryToGet(engine, opened.wanted);
  return { view: await viewOwn(engine.pool, actionId), replayed: opened === undefined };
}

/** Undefined when the same request has opened the retry before. */
async function openRetry(
  engine: EngineContext,
  tx: PoolClient,
  request: RetryAction,
  actorName: string | null,
): Promise<{ readonly wanted: Wanted | undefined } | undefined> {
  const { actionId, idempotencyKey, origin } = request;
  if (
    idempotencyKey !== undefined &&
    (await takeKey(tx, idempotencyKey, { kind: 'action', id: actionId })) !== undefined
  ) {
    return undefined;
  }
  const action = await loadAction(tx, actionId);
  if (action.type.policy?.retry === false) {
    throw new Refusal('action.not_retryable', `${action.type.name} cannot be tried again`);
  }
  await refuseFrozen(tx, action.actor);
  const own = actorOf(request.caller) === action.actor;
  const shares = await quotedShares(tx, action, { actionId, attempt: request.attempt });
  const money = await planMoney(engine, tx, action, shares, own ? request.payment : 'invoice');
  await refuseUnlessNewestFailed(tx, request);
  await validate(tx, action);
  await claimAtOpening(tx, action, isPerformedAtOnce(money.plan.flow));
  const attempt = request.attempt + 1;
  const invoiceExpirySeconds = request.invoiceExpirySeconds ?? engine.timers.invoiceExpirySeconds;
  const opening = { attempt, actorName, money, invoiceExpirySeconds, origin };
  const wanted = await insertAttempt(engine, tx, action, opening);
  if (wanted !== undefined) await refuseTooManyOpen(engine, tx, { actor: action.actor, origin });
  return { wanted };
}

/** The shares of the attempt before: they are frozen with the quote. */
async function quotedShares(
  tx: PoolClient,
  { type }: Action,
  ref: ActionRef,
): Promise<readonly Share[]> {
  const shares = await readOthers(tx, ref);
  const wrapped = await wrappedShareOf(tx, ref);
  const toWallet = type.paymentMethods.includes('p2p');
  const first = wrapped === undefined ? [] : [custodialShare(wrapped)];
  return [...first, ...shares].map((share) =>
    toWallet && share.asset === 'CREDITS' ? { ...share, toWallet } : share,
  );
}

/** Locks the action, so that of two retries the second sees the first one's attempt. */
async function refuseUnlessNewestFailed(
  tx: PoolClient,
  { actionId, attempt, automatic }: RetryAction,
): Promise<void> {
  const { rows: locked } = await tx.query<{ emptied: boolean }>(
    'select emptied from actions where id = $1 for no key update',
    [actionId],
  );
  if (locked[0]?.emptied === true) {
    throw new Refusal('action.not_retryable', 'what it held was deleted: open a new action');
  }
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
  if (automatic === true) await refuseDismissed(tx, actionId, attempt);
  if (newest.attempt < attempt || newest.state !== 'FAILED') {
    throw new Refusal(
      'action.not_retryable',
      `attempt ${newest.attempt} is ${newest.state}: only a failed one can be retried`,
    );
  }
}

async function refuseDismissed(tx: PoolClient, actionId: string, attempt: number): Promise<void> {
  const { rowCount } = await tx.query(
    `select from failed_payment_marks where action_id = $1 and attempt = $2 and dismissed_at is not null`,
    [actionId, attempt],
  );
  if (rowCount === 1) throw new Refusal('action.not_retryable', 'its author has dismissed it');
}
