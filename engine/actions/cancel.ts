import type { ClientBase } from 'pg';
import { LightningError } from '../../adapters/lightning/port.js';
import { Refusal } from '../../domain/refusal.js';
import { type EngineContext, transact } from '../context.js';
import { takeKey, type IdempotencyKey } from '../idempotency.js';
import { type AttemptRow, loadSubject } from './attempt-row.js';
import { cancelInvoice } from './call-node.js';
import type { ActionRef, ActionView } from './contract.js';
import type { Caller } from '../accounts/caller.js';
import { moveAttempt } from './move-attempt.js';
import { viewAction, viewOwn } from './read-action.js';

export interface CancelAction {
  readonly actionId: string;
  readonly caller: Caller;
  readonly idempotencyKey?: IdempotencyKey;
}

export interface Cancelled {
  readonly view: ActionView;
  /** False while the node has not answered: the workflow goes on. */
  readonly done: boolean;
  readonly replayed: boolean;
}

/**
 * Cancels the newest attempt; returns once the node has canceled the invoice, or has not answered in time. Throws Refusal
 * `action.not_found` or `action.not_cancellable`.
 */
export async function cancelAction(
  engine: EngineContext,
  request: CancelAction,
): Promise<Cancelled> {
  const { actionId, caller } = request;
  if ((await viewAction(engine.pool, actionId, caller)) === undefined) throw notFound(actionId);
  const { ref, cancelling, replayed } = await transact(engine, (tx) => requestCancel(tx, request));
  if (cancelling) await tryCancel(engine, ref);
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
  tx: ClientBase,
  { actionId, idempotencyKey }: CancelAction,
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
  const subject = await loadSubject(tx, actionId);
  const move = { event: 'cancel_requested', reason: 'USER_CANCELLED' } as const;
  if ((await moveAttempt(tx, subject, ref, move, 'other')) === undefined) {
    throw new Refusal('action.not_cancellable', `attempt ${ref.attempt} is ${newest.state}`);
  }
  return { ref, cancelling: true, replayed: false };
}

async function tryCancel(engine: EngineContext, ref: ActionRef): Promise<void> {
  try {
    await cancelInvoice(engine, ref, 'other');
  } catch (error) {
    if (!(error instanceof LightningError)) throw error;
  }
}
