import type { ClientBase } from 'pg';
import { pipeline } from '../../db/pipeline.js';
import { planForUpdate } from '../../domain/actions/plan-update.js';
import type { ApplyOutcome } from '../context.js';
import { lockCredits } from '../credits/accounts.js';
import { type InvoiceUpdate, recordUpdates } from '../invoices/record-update.js';
import { accountsOf } from './attempt-money.js';
import { type AttemptRow, lockAttempts } from './attempt-row.js';
import type { AttemptTarget } from './attempt-target.js';
import { MAX_TYPE_FAILURES } from './run-type.js';
import { type SettledAttempt, settleAttempts } from './settle-attempts.js';

/** A settled invoice, and the attempt that was found to wait for it. */
export interface Payment extends AttemptTarget {
  readonly update: InvoiceUpdate;
}

/**
 * What applyAttemptUpdate does, for many attempts that only have to be paid, in the statements of one; no attempt is among them twice.
 * Throws when one of them has changed meanwhile, so that more or other accounts may be needed than are locked: then nothing is
 * done, and each has to be applied by itself.
 */
export async function payMany(
  tx: ClientBase,
  payments: readonly Payment[],
): Promise<ApplyOutcome[]> {
  const [, attempts, recorded] = await pipeline([
    lockCredits(tx, [...new Set(payments.flatMap(receivers))]),
    lockAttempts(
      tx,
      payments.map(({ ref }) => ref),
    ),
    recordUpdates(
      tx,
      payments.map(({ update }) => update),
    ),
  ]);
  const news = payments.flatMap((payment, n): SettledAttempt[] => {
    const attempt = attempts[n];
    if (attempt === undefined || recorded[n] === undefined) return [];
    const { receivedMsat } = payment.update;
    return [{ ...payment, attempt: stillPayable(attempt), receivedMsat }];
  });
  if (news.length > 0) await settleAttempts(tx, news, 'other');
  return recorded.map((record) => (record === undefined ? 'known' : 'applied'));
}

/** The payer's account is locked only where it is among the legs, or a surplus is given back. */
function receivers({ action, legs, update }: Payment): string[] {
  const planned = legs.find(({ hash }) => hash === update.hash)?.plannedMsat;
  return accountsOf(legs, planned === update.receivedMsat ? null : action.actor);
}

function stillPayable(attempt: AttemptRow): AttemptRow {
  const { state, performed, type_failures: failures } = attempt;
  const { before, perform, late, events } = planForUpdate(
    { state, performed, hold: attempt.flow === 'pessimistic' },
    'settled',
  );
  const isPayable = before.length === 0 && !perform && !late && events[0] === 'settled';
  if (isPayable && failures < MAX_TYPE_FAILURES) return attempt;
  throw new Error(`attempt ${attempt.action_id}/${attempt.attempt} is ${state} by now`);
}
