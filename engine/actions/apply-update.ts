import type { ClientBase } from 'pg';
import { pipeline } from '../../db/pipeline.js';
import type { AttemptEvent } from '../../domain/actions/machine.js';
import { type Plan, planForUpdate } from '../../domain/actions/plan-update.js';
import type { ApplyOutcome, EngineContext } from '../context.js';
import { lockCredits } from '../credits/accounts.js';
import { type InvoiceUpdate, recordUpdate } from '../invoices/record-update.js';
import { payableId, readLegs } from '../ledger/legs.js';
import { findPaymentOf, type PaymentRow } from '../payouts/payment-row.js';
import type { ChangedBy } from '../transition.js';
import { accountsOf, isBalance } from './attempt-money.js';
import { ATTEMPTS, type AttemptRow, lockAttempt } from './attempt-row.js';
import type { AttemptTarget } from './attempt-target.js';
import { bookUnspent } from './book-attempt.js';
import { giveUp } from './give-up.js';
import { useLateMoney } from './late-money.js';
import { type AttemptMove, moveAttempt, moveLocked } from './move-attempt.js';
import { MAX_TYPE_FAILURES, type NotDone, tryPerform } from './run-type.js';
import { settleAttempts } from './settle-attempts.js';
import { leaves } from './outgoing/book-outgoing.js';
import { payWithLoss, settleForwarded } from './wrapped/settle-forwarded.js';

/** Applies what the node says of an attempt's invoice, whatever the attempt's state: exactly one of many calls changes it. */
export async function applyAttemptUpdate(
  engine: EngineContext,
  tx: ClientBase,
  target: AttemptTarget,
  update: InvoiceUpdate,
  by: ChangedBy,
): Promise<ApplyOutcome> {
  const { action, ref } = target;
  const id = payableId(ref);
  // Accounts are locked before actions, everywhere. Which ones depends on nothing that can still change.
  const [, attempt, recorded, legs, payment] = await pipeline([
    lockCredits(tx, accountsToLock(target, update)),
    lockAttempt(tx, ref),
    recordUpdate(tx, update),
    // What has moved of them is known once the attempt is locked.
    readLegs(tx, [id]),
    target.legs.some(leaves) ? findPaymentOf(tx, ref) : undefined,
  ]);
  if (recorded === undefined) return 'known';
  const step: Step = {
    ...{ engine, tx, attempt, payment, update, by, invoiceExpired: recorded.invoiceExpired },
    target: { ...target, legs: legs.get(id) ?? [] },
  };
  const { hold } = recorded;
  const plan = planForUpdate(
    { state: attempt.state, performed: attempt.performed, hold },
    update.state,
  );
  for (const event of plan.before)
    await moveAttempt(tx, action, ref, { event, set: noTimesYet }, by);
  const notDone = await tryWhatIsPlanned(step, plan);
  if (notDone === undefined) for (const event of plan.events) await follow(step, event);
  else if (plan.refused !== undefined) await follow(step, plan.refused, notDone);
  if (plan.late) await useLateMoney(tx, step.target, update.receivedMsat);
  return 'applied';
}

function accountsToLock({ action, legs }: AttemptTarget, update: InvoiceUpdate): readonly string[] {
  if (update.state === 'settled') return accountsOf(legs, action.actor);
  return accountsOf(legs.filter(isBalance), null);
}

interface Step {
  readonly engine: EngineContext;
  readonly tx: ClientBase;
  readonly target: AttemptTarget;
  readonly attempt: AttemptRow;
  /** What it pays, where that leaves the system. */
  readonly payment: PaymentRow | undefined;
  readonly update: InvoiceUpdate;
  readonly by: ChangedBy;
  readonly invoiceExpired: boolean;
}

/** Performs, where that is planned. A type that failed too often is left out: its payer gets the money back. */
async function tryWhatIsPlanned(
  { tx, target, attempt }: Step,
  plan: Plan,
): Promise<NotDone | undefined> {
  if (attempt.flow === 'wrapped')
    return plan.perform ? tryPerform(tx, target.action, target.ref.attempt) : undefined;
  if (attempt.type_failures >= MAX_TYPE_FAILURES && plan.events.includes('settled')) {
    return { because: `its type refused it, or failed ${MAX_TYPE_FAILURES} times` };
  }
  return plan.perform ? tryPerform(tx, target.action, target.ref.attempt) : undefined;
}

/** Everything that comes with a state is written in one round trip: the attempt is locked, so its state is known. */
async function follow(step: Step, event: AttemptEvent, notDone?: NotDone): Promise<void> {
  const { engine, tx, target, attempt, payment, update, by } = step;
  const { action, ref } = target;
  if (event === 'paid_with_loss') return payWithLoss(tx, { target, attempt }, by);
  if (event === 'settled') {
    const { receivedMsat } = update;
    if (attempt.flow === 'wrapped') {
      return settleForwarded(tx, { target, attempt, payment }, receivedMsat, by);
    }
    return settleAttempts(tx, [{ ...target, attempt, receivedMsat }], by);
  }
  const move: AttemptMove = {
    event,
    ...(event === 'canceled' ? { reason: canceledBecause(step) } : {}),
    ...(notDone === undefined ? {} : { detail: notDone.because }),
  };
  await moveLocked(tx, [{ action, attempt }], move, by);
  if (ATTEMPTS.machine.transitions[event].to !== 'FAILED') return;
  const legs = await giveUp(engine, tx, target, attempt.performed);
  if (event !== 'settled_but_impossible') return;
  await bookUnspent(tx, { ref, actor: action.actor, legs, receivedMsat: update.receivedMsat });
}

function canceledBecause({ invoiceExpired }: Step): string {
  return invoiceExpired ? 'INVOICE_EXPIRED' : 'SYSTEM_CANCELLED';
}

/** A state that is left within the same transaction still needs the times that its constraints require. */
function noTimesYet(): Readonly<Record<string, string>> {
  return { deadline_at: 'clock_timestamp()', due_at: 'clock_timestamp()' };
}
