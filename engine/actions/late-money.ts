import type { ClientBase } from 'pg';
import { pipeline } from '../../db/pipeline.js';
import type { Msat } from '../../domain/money.js';
import type { Leg } from '../ledger/legs.js';
import { enqueueStart } from '../outbox.js';
import { recordOpening } from '../transition.js';
import { type Action, describe } from './action.js';
import { attemptStart } from './attempt-start.js';
import { ATTEMPTS } from './attempt-row.js';
import type { AttemptTarget } from './attempt-target.js';
import { bookPaidLate, bookUnspent } from './book-attempt.js';
import type { ActionRef } from './contract.js';
import { announce } from './move-attempt.js';
import { inSavepoint, makePaid, tryPerform } from './run-type.js';

/**
 * Money that comes for an attempt that has ended. It pays the action as a new attempt while that is still unpaid and not cancelled
 * by its author; else it becomes credits of the payer, or a claim. It is never lost and never pays twice.
 */
export async function useLateMoney(
  tx: ClientBase,
  over: AttemptTarget,
  receivedMsat: Msat,
): Promise<void> {
  const { action, ref, legs } = over;
  const attempt = receivedMsat < action.costMsat ? undefined : await nextAttempt(tx, action.id);
  if (attempt === undefined || !(await performLate(tx, action, attempt))) {
    await bookUnspent(tx, { ref, actor: action.actor, legs, receivedMsat });
    return;
  }
  const late: ActionRef = { actionId: action.id, attempt };
  await insertLateAttempt(tx, late, action);
  await bookPaidLate(tx, { ref: late, actor: action.actor, legs: lateLegs(over), receivedMsat });
  await announce(tx, action, { attempt, state: 'PAID', reason: null, flow: 'late' });
  await enqueueStart(
    tx,
    attemptStart(late, {
      type: action.type.name,
      state: 'PAID',
      actor: await nameOf(tx, action.actor),
      summary: `${describe(action)}, paid late`,
    }),
  );
}

/** Performed and made visible; all of it is undone where its type refuses or fails. */
async function performLate(tx: ClientBase, action: Action, attempt: number): Promise<boolean> {
  const failed = await inSavepoint(tx, async () => {
    const refused = await tryPerform(tx, action, attempt);
    if (refused !== undefined) throw new Error(refused.because);
    await makePaid(tx, [action]);
  });
  return failed === undefined;
}

/** One leg for what the old invoice received, and the shares as they were quoted. */
function lateLegs({ action, legs }: AttemptTarget): readonly Leg[] {
  const invoice = legs.find(({ side, hash }) => side === 'in' && hash !== null);
  if (invoice === undefined) throw new Error(`action ${action.id} has no leg of its invoice`);
  const outs = legs.filter(({ side }) => side === 'out');
  return [{ ...invoice, kind: 'LATE', plannedMsat: action.costMsat }, ...outs].map(
    (leg, index) => ({
      ...leg,
      n: index + 1,
      actualMsat: null,
    }),
  );
}

/** Undefined when the action is paid, open again, or was cancelled by its author. Locks the action. */
async function nextAttempt(tx: ClientBase, actionId: string): Promise<number | undefined> {
  await tx.query('select from actions where id = $1 for no key update', [actionId]);
  // A statement of its own: it sees what the holder of the lock before has written.
  const { rows } = await tx.query<{ attempt: number; state: string; reason: string | null }>(
    'select attempt, state, reason from attempts where action_id = $1 order by attempt desc limit 1',
    [actionId],
  );
  const [newest] = rows;
  if (newest?.state !== 'FAILED' || newest.reason === 'USER_CANCELLED') return undefined;
  return newest.attempt + 1;
}

async function insertLateAttempt(
  tx: ClientBase,
  ref: ActionRef,
  { actor, costMsat }: Action,
): Promise<void> {
  const subject = `${ref.actionId}/${ref.attempt}`;
  await pipeline([
    tx.query(
      `insert into attempts (action_id, attempt, payer, flow, state, cost_msat, performed)
       values ($1, $2, $3, 'late', 'PAID', $4, true)`,
      [ref.actionId, ref.attempt, actor, costMsat],
    ),
    recordOpening(tx, ATTEMPTS.machine, subject, 'paid_late'),
  ]);
}

async function nameOf(tx: ClientBase, actor: string | null): Promise<string | null> {
  if (actor === null) return null;
  const { rows } = await tx.query<{ name: string }>('select name from accounts where id = $1', [
    actor,
  ]);
  return rows[0]?.name ?? null;
}
