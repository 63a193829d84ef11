import type { ApplyOutcome } from '../../context.js';
import type { ClientBase } from 'pg';
import { pipeline } from '../../../db/pipeline.js';
import { planForUpdate } from '../../../domain/actions/decide.js';
import type { AttemptEvent, FailureReason } from '../../../domain/actions/machine.js';
import { lockCredits } from '../../credits/accounts.js';
import { type InvoiceUpdate, recordUpdate } from '../../invoices/record-update.js';
import { type ActionSubject, ATTEMPTS, type AttemptRow, lockAttempt } from '../attempt-row.js';
import type { ActionRef } from '../contract.js';
import { useLateMoney } from './late-money.js';
import { moveAttempt, moveLocked } from '../move-attempt.js';
import { bookUnspent, accountsOf } from '../book-payments.js';
import { tryPerform } from './perform.js';
import { settleAttempts } from './settle-attempts.js';
import { payOutsOf } from '../types/index.js';
import type { PayOut } from '../types/paid-action-type.js';
import type { ChangedBy } from '../../transition.js';

/**
 * Applies what the node says of an attempt's invoice, whatever the attempt's state: exactly one of many calls changes it.
 */
export async function applyAttemptUpdate(
  tx: ClientBase,
  subject: ActionSubject,
  number: number,
  fact: InvoiceUpdate,
  by: ChangedBy,
): Promise<ApplyOutcome> {
  const ref: ActionRef = { actionId: subject.id, attempt: number };
  // Everybody locks accounts before actions: shares depend on nothing that can still change.
  const [payOuts = []] = fact.state === 'settled' ? await payOutsOf(tx, [subject]) : [];
  const [, attempt, recorded] = await pipeline([
    lockCredits(tx, accountsOf(payOuts, subject.actor)),
    lockAttempt(tx, ref),
    recordUpdate(tx, fact),
  ]);
  if (recorded === undefined) return 'known';
  const { invoiceExpired } = recorded;
  const plan = planForUpdate(attempt, fact.state);
  const step: Step = { tx, subject, ref, attempt, fact, payOuts, by, invoiceExpired };

  for (const event of plan.before)
    await moveAttempt(tx, subject, ref, { event, set: noTimesYet }, by);
  const possible = !plan.perform || (await tryPerform(tx, subject, ref.attempt));
  for (const event of possible ? plan.events : plan.refused) await follow(step, event);
  if (plan.late) await useLateMoney(tx, subject, attempt, fact.receivedMsat, payOuts);
  return 'applied';
}

interface Step {
  readonly tx: ClientBase;
  readonly subject: ActionSubject;
  readonly ref: ActionRef;
  readonly attempt: AttemptRow;
  readonly fact: InvoiceUpdate;
  readonly payOuts: readonly PayOut[];
  readonly by: ChangedBy;
  readonly invoiceExpired: boolean;
}

/** Everything that comes with a state is written together: the attempt is locked, so nobody was first. */
async function follow(step: Step, event: AttemptEvent): Promise<void> {
  const { tx, subject, ref, fact, by, attempt } = step;
  if (event === 'settled') return settleAttempts(tx, [step], by);
  const reason = reasonFor(event, step.invoiceExpired);
  const move = reason === undefined ? { event } : { event, reason };
  const writes = [moveLocked(tx, [{ subject, attempt }], move, by)];
  if (event === 'settled_but_impossible') {
    writes.push(bookUnspent(tx, ref, fact.receivedMsat, subject.actor));
  } else if (ATTEMPTS.machine.transitions[event].to === 'FAILED' && attempt.performed) {
    writes.push(subject.steps.undo(tx));
  }
  await pipeline(writes);
}

function reasonFor(event: AttemptEvent, invoiceExpired: boolean): FailureReason | undefined {
  switch (event) {
    case 'perform_refused':
    case 'settled_but_impossible':
      return 'EXECUTION_FAILED';
    case 'creation_failed':
      return 'INVOICE_CREATION_FAILED';
    case 'canceled':
      return invoiceExpired ? 'INVOICE_EXPIRED' : 'SYSTEM_CANCELLED';
    default:
      return undefined;
  }
}

/** A state passed through within one transaction still needs the times that its checks ask for. */
function noTimesYet(): Readonly<Record<string, string>> {
  return { deadline_at: 'clock_timestamp()', due_at: 'clock_timestamp()' };
}
