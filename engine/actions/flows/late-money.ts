import type { ClientBase } from 'pg';
import type { Msat } from '../../../domain/money.js';
import { enqueueStart } from '../../outbox.js';
import { recordOpening } from '../../transition.js';
import { type ActionSubject, ATTEMPTS, type AttemptRow } from '../attempt-row.js';
import type { ActionRef } from '../contract.js';
import { announce } from '../move-attempt.js';
import { bookPaid, bookUnspent } from '../book-payments.js';
import { tryPerform } from './perform.js';
import { onPaid } from '../types/index.js';
import type { PayOut } from '../types/paid-action-type.js';
import { attemptStart } from '../attempt-start.js';

/**
 * Money that comes for an attempt that has ended. It pays the action as a new attempt while that is still unpaid and not cancelled
 * by its author; else it becomes credits of the payer, or a claim. It is never lost and never pays twice.
 */
export async function useLateMoney(
  tx: ClientBase,
  subject: ActionSubject,
  over: AttemptRow,
  receivedMsat: Msat,
  payOuts: readonly PayOut[],
): Promise<void> {
  const attempt = await nextAttempt(tx, subject.id);
  if (attempt === undefined || !(await tryPerform(tx, subject, attempt))) {
    await bookUnspent(
      tx,
      { actionId: subject.id, attempt: over.attempt },
      receivedMsat,
      subject.actor,
    );
    return;
  }
  const ref: ActionRef = { actionId: subject.id, attempt };
  await insertLateAttempt(tx, ref, over);
  await onPaid(tx, [subject]);
  const source = { kind: 'invoice' as const, amountMsat: receivedMsat };
  await bookPaid(tx, [{ ref, source, payOuts, actor: subject.actor }]);
  await announce(tx, subject, { attempt, state: 'PAID', reason: null, flow: 'late' });
  await enqueueStart(
    tx,
    attemptStart(ref, {
      type: subject.type,
      state: 'PAID',
      actor: await nameOf(tx, subject.actor),
      summary: `${subject.bound.description}, paid late`,
    }),
  );
}

/** The number after the newest attempt, when that failed and was not cancelled by its author. */
async function nextAttempt(tx: ClientBase, actionId: string): Promise<number | undefined> {
  await tx.query('select from actions where id = $1 for no key update', [actionId]);
  const { rows } = await tx.query<{ attempt: number; state: string; reason: string | null }>(
    'select attempt, state, reason from attempts where action_id = $1 order by attempt desc limit 1',
    [actionId],
  );
  const newest = rows[0];
  if (newest?.state !== 'FAILED' || newest.reason === 'USER_CANCELLED') return undefined;
  return newest.attempt + 1;
}

async function nameOf(tx: ClientBase, accountId: string | null): Promise<string | null> {
  if (accountId === null) return null;
  const { rows } = await tx.query<{ name: string }>('select name from accounts where id = $1', [
    accountId,
  ]);
  return rows[0]?.name ?? null;
}

async function insertLateAttempt(tx: ClientBase, ref: ActionRef, over: AttemptRow): Promise<void> {
  await tx.query(
    `insert into attempts (action_id, attempt, payer, flow, state, cost_msat, performed, settle_seconds)
     select $1, $2, actor, 'late', 'PAID', $3, true, $4 from actions where id = $1`,
    [ref.actionId, ref.attempt, over.cost_msat, over.settle_seconds],
  );
  await recordOpening(tx, ATTEMPTS.machine, `${ref.actionId}/${ref.attempt}`, 'paid_late');
}
