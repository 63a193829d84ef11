import type { ClientBase } from 'pg';
import { nextState } from '../../domain/machine.js';
import { attemptMachine } from '../../domain/actions/machine.js';
import { Refusal } from '../../domain/refusal.js';
import type { Caller } from '../accounts/caller.js';
import { type EngineContext, transact } from '../context.js';
import { takeKey, type IdempotencyKey } from '../idempotency.js';
import { findInvoice } from '../invoices/find-invoice.js';
import { readKnown } from '../invoices/read-known.js';
import { loadAction } from './action.js';
import type { AttemptRow } from './attempt-row.js';
import { cancelAttemptInvoice } from './call-node.js';
import type { ActionRef, ActionView } from './contract.js';
import { endWithoutInvoice } from './give-up.js';
import { moveAttempt } from './move-attempt.js';
import { viewAction, viewOwn } from './read-action.js';
import { leavingFailures } from './type-failures.js';

export interface CancelAction {
  readonly actionId: string;
  readonly caller: Caller;
  readonly idempotencyKey?: IdempotencyKey;
}

export interface Cancelled {
  readonly view: ActionView;
  /** False while the node has not answered: the call to it is made again by others. */
  readonly done: boolean;
  readonly replayed: boolean;
}

/**
 * Cancels the newest attempt; returns once the node has canceled the invoice, or has not answered in time. Of a payment and a
 * cancellation at the same time one wins, and the view says which. An operator's is told from the author's. Throws Refusal
 * `action.not_found` or `action.not_cancellable`.
 */
export async function cancelAction(
  engine: EngineContext,
  request: CancelAction,
): Promise<Cancelled> {
  const { actionId, caller } = request;
  const before = await viewAction(engine.pool, actionId, caller, 'payments');
  if (before === undefined) throw notFound(actionId);
  const own = caller.kind === 'anonymous' || caller.name === before.actor;
  const reason = own ? 'USER_CANCELLED' : 'SYSTEM_CANCELLED';
  const { ref, cancelling, replayed } = await transact(engine, (tx) =>
    requestCancel(engine, tx, request, reason),
  );
  if (cancelling) await leavingFailures(engine, () => cancelInvoiceOf(engine, ref));
  const view = await viewOwn(engine.pool, actionId);
  return { view, done: view.state !== 'CANCELLING', replayed };
}

export function notFound(actionId: string): Refusal {
  return new Refusal('action.not_found', `there is no action ${actionId} that you may see`);
}

interface CancelRequested {
  readonly ref: ActionRef;
  /** False where nothing is to be canceled: a replay, after which the action may have been retried. */
  readonly cancelling: boolean;
  readonly replayed: boolean;
}

async function requestCancel(
  engine: EngineContext,
  tx: ClientBase,
  { actionId, idempotencyKey }: CancelAction,
  reason: string,
): Promise<CancelRequested> {
  const earlier =
    idempotencyKey && (await takeKey(tx, idempotencyKey, { kind: 'action', id: actionId }));
  const { rows } = await tx.query<AttemptRow>(
    'select * from attempts where action_id = $1 order by attempt desc limit 1 for no key update',
    [actionId],
  );
  const newest = rows[0];
  if (newest === undefined) throw notFound(actionId);
  const ref: ActionRef = { actionId, attempt: newest.attempt };
  const cancelling = newest.state === 'CANCELLING';
  if (earlier !== undefined) return { ref, cancelling, replayed: true };
  if (cancelling) return { ref, cancelling, replayed: false };
  if (nextState(attemptMachine, newest.state, 'cancel_requested') === undefined) {
    throw new Refusal('action.not_cancellable', `attempt ${ref.attempt} is ${newest.state}`);
  }
  const action = await loadAction(tx, actionId);
  await moveAttempt(tx, action, ref, { event: 'cancel_requested', reason }, 'other');
  await endWithoutInvoice(engine, tx, action, ref);
  return { ref, cancelling: true, replayed: false };
}

async function cancelInvoiceOf(engine: EngineContext, ref: ActionRef): Promise<void> {
  const known = await readKnown(engine.pool, ref);
  const invoice = known === undefined ? undefined : await findInvoice(engine.pool, known.hash);
  if (invoice !== undefined) await cancelAttemptInvoice(engine, ref, invoice, 'other');
}
