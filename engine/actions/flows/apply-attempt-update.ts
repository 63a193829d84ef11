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

/** Applies what the node says of an attempt's invoice, whatever the attempt's state: exactly one of many calls changes it. */
export async function applyAttemptUpdate(
  tx: ClientBase,
  subject: ActionSubject,
  number: number,
  update: InvoiceUpdate,
  by: ChangedBy,
): Promise<ApplyOutcome> {
  const ref: ActionRef = { actionId: subject.id, attempt: number };
  // Accounts are locked before actions, everywhere. Shares depend on nothing that can still change.
  const [payOuts = []] = update.state === 'settled' ? await payOutsOf(tx, [subject]) : [];
  const [, attempt, recorded] = await pipeline([
    lockCredits(tx, accountsOf(payOuts, subject.actor)),
    lockAttempt(tx, ref),
    recordUpdate(tx, update),
  ]);
  if (recorded === undefined) return 'known';
  const { invoiceExpired } = recorded;
  const plan = planForUpdate(attempt, update.state);
  const step: Step = { tx, subject, ref, attempt, update, payOuts, by, invoiceExpired };

  for (const event of plan.before)
    await moveAttempt(tx, subject, ref, { event, set: noTimesYet }, by);
  const possible = !plan.perform || (await tryPerform(tx, subject, ref.attempt));
  for (const event of possible ? plan.events : plan.refused) await follow(step, event);
  if (plan.late) await useLateMoney(tx, subject, attempt, update.receivedMsat, payOuts);
  return 'applied';
}

interface Step {
  readonly tx: ClientBase;
  readonly subject: ActionSubject;
  readonly ref: ActionRef;
  readonly attempt: AttemptRow;
  readonly update: InvoiceUpdate;
  readonly payOuts: readonly PayOut[];
  readonly by: ChangedBy;
  readonly invoiceExpired: boolean;
}

/** Everything that comes with a state is written in one round trip: the attempt is locked, so its state is known. */
async function follow(step: Step, event: AttemptEvent): Promise<void> {
  const { tx, subject, ref, update, by, attempt } = step;
  if (event === 'settled') return settleAttempts(tx, [step], by);
  const reason = reasonFor(event, step.invoiceExpired);
  const move = reason === undefined ? { event } : { event, reason };
  const writes = [moveLocked(tx, [{ subject, attempt }], move, by)];
  if (event === 'settled_but_impossible') {
    writes.push(bookUnspent(tx, ref, update.receivedMsat, subject.actor));
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

/** A state that is left within the same transaction still needs the times that its constraints require. */
function noTimesYet(): Readonly<Record<string, string>> {
  return { deadline_at: 'clock_timestamp()', due_at: 'clock_timestamp()' };
}
