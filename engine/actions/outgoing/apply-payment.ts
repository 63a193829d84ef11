import type { ClientBase } from 'pg';
import { pipeline } from '../../../db/pipeline.js';
import type { ApplyOutcome, EngineContext } from '../../context.js';
import { lockCredits } from '../../credits/accounts.js';
import { enqueueAfterFailed, enqueueAfterPaid } from '../../effects.js';
import { payableId, readLegs } from '../../ledger/legs.js';
import { finishCall } from '../../outbox.js';
import { findPayment, type PaymentRow } from '../../payouts/payment-row.js';
import { type PaymentUpdate, recordPaymentUpdate } from '../../payouts/payment-update.js';
import type { ChangedBy } from '../../transition.js';
import { accountsOf } from '../attempt-money.js';
import { type AttemptRow, lockAttempt } from '../attempt-row.js';
import { type AttemptTarget, findTarget } from '../attempt-target.js';
import { giveUp } from '../give-up.js';
import { moveLocked } from '../move-attempt.js';
import { payWithLoss } from '../wrapped/settle-forwarded.js';
import { noteTry } from '../wallets.js';
import { bookPaidForNothing, bookWithdrawn, type PaidOut } from './book-outgoing.js';

/**
 * Applies what has become of an outgoing payment, whatever the state of its attempt: exactly one of many calls changes it. A success is
 * booked in every state. A failure must be one that counts: the schema refuses it while a send may still start the payment.
 */
export async function applyPaymentUpdate(
  engine: EngineContext,
  tx: ClientBase,
  update: PaymentUpdate,
  by: ChangedBy = 'other',
): Promise<ApplyOutcome> {
  const payment = await findPayment(tx, update.hash);
  if (payment === undefined) return 'unknown';
  const ref = { actionId: payment.actionId, attempt: payment.attempt };
  const found = await findTarget(tx, ref);
  const [, attempt, recorded, legs] = await pipeline([
    lockCredits(tx, accountsOf(found.legs, found.action.actor)),
    lockAttempt(tx, ref),
    recordPaymentUpdate(tx, update),
    readLegs(tx, [payableId(ref)]),
  ]);
  if (!recorded) return 'known';
  await finishCall(tx, 'send_payment', update.hash);
  const target = { ...found, legs: legs.get(payableId(ref)) ?? [] };
  const step: Step = { engine, tx, target, attempt, payment, by };
  await (update.state === 'succeeded' ? succeeded(step, update) : failed(step, update.failure));
  return 'applied';
}

interface Step {
  readonly engine: EngineContext;
  readonly tx: ClientBase;
  readonly target: AttemptTarget;
  readonly attempt: AttemptRow;
  readonly payment: PaymentRow;
  readonly by: ChangedBy;
}

/** In CANCELLING the held money is taken after all: its cancellation finds the preimage. In other states nothing was sent. */
async function succeeded(
  { tx, target, attempt, payment, by }: Step,
  { feeMsat }: PaymentUpdate & { readonly state: 'succeeded' },
): Promise<void> {
  const { action, ref, legs } = target;
  const paid: PaidOut = { ...payment, feeMsat };
  const money = { ref, actor: action.actor, legs };
  switch (attempt.state) {
    case 'WITHDRAWING':
      await moveLocked(tx, [{ action, attempt }], { event: 'withdrawn' }, by);
      await enqueueAfterPaid(tx, [ref.actionId]);
      return bookWithdrawn(tx, money, paid);
    case 'FORWARDING':
      await moveLocked(tx, [{ action, attempt }], { event: 'forwarded' }, by);
      if (await isHeld(tx, target)) return undefined;
      return payWithLoss(tx, { target, attempt: { ...attempt, state: 'FORWARDED' } }, by);
    case 'FAILED':
      return bookPaidForNothing(tx, money, paid);
    default:
      return undefined;
  }
}

async function failed(
  { engine, tx, target, attempt, payment, by }: Step,
  failure: string,
): Promise<void> {
  const locked = [{ action: target.action, attempt }];
  if (attempt.state === 'WITHDRAWING') {
    await moveLocked(tx, locked, { event: 'withdrawal_failed', detail: failure }, by);
    await enqueueAfterFailed(tx, target.ref);
    await giveUp(engine, tx, target, attempt.performed);
  } else if (attempt.state === 'FORWARDING') {
    if (payment.wallet !== null) {
      const tried = { action: target.action, attempt: target.ref.attempt };
      await noteTry(tx, tried, payment.wallet, failure);
    }
    const held = await isHeld(tx, target);
    const event = held ? 'forward_failed' : 'forward_failed_unheld';
    await moveLocked(tx, locked, { event, detail: failure }, by);
    if (!held) await giveUp(engine, tx, target, attempt.performed);
  }
}

/** Whether the incoming invoice may still hold money. */
async function isHeld(tx: ClientBase, { ref }: AttemptTarget): Promise<boolean> {
  const { rowCount } = await tx.query(
    `select from invoices where action_id = $1 and attempt = $2 and state <> 'canceled'`,
    [ref.actionId, ref.attempt],
  );
  return rowCount === 1;
}
