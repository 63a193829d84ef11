import type { ClientBase } from 'pg';
import type { PaymentHash } from '../../../adapters/lightning/port.js';
import { pipeline } from '../../../db/pipeline.js';
import type { ApplyOutcome, EngineContext } from '../../context.js';
import { lockCredits } from '../../credits/accounts.js';
import { enqueueAfterFailed, enqueueAfterPaid } from '../../effects.js';
import { payableId, readLegs, readLegsOfPayment } from '../../ledger/legs.js';
import { finishCall, leaseCall } from '../../outbox.js';
import { PAYMENT_COLUMNS, type PaymentRow } from '../../payouts/payment-row.js';
import { type PaymentUpdate, recordPaymentUpdate } from '../../payouts/payment-update.js';
import { recordAnswer } from '../../payouts/sends.js';
import type { ChangedBy } from '../../transition.js';
import { type Action, ACTION_COLUMNS, actionOf, type ActionRow } from '../action.js';
import { accountsOf } from '../attempt-money.js';
import { type AttemptRow, lockAttempt } from '../attempt-row.js';
import type { AttemptTarget } from '../attempt-target.js';
import { giveUp } from '../give-up.js';
import { moveLocked } from '../move-attempt.js';
import { payWithLoss } from '../wrapped/settle-forwarded.js';
import { noteTry } from '../wallets.js';
import { bookPaidForNothing, bookWithdrawn, type PaidOut } from './book-outgoing.js';

/**
 * Applies what has become of an outgoing payment, whatever the state of its attempt: exactly one of many calls changes it. A success is
 * booked in every state. A failure must be one that counts: the schema refuses it while a send may still start the payment.
 * `settles`: the caller settles the incoming invoice itself, at once after the commit.
 */
export async function applyPaymentUpdate(
  engine: EngineContext,
  tx: ClientBase,
  update: PaymentUpdate,
  { by = 'other', settles = false }: { readonly by?: ChangedBy; readonly settles?: boolean } = {},
): Promise<ApplyOutcome> {
  const [paid, planned] = await pipeline([
    findPaid(tx, update.hash),
    readLegsOfPayment(tx, update.hash),
  ]);
  if (paid === undefined) return 'unknown';
  const { payment, action } = paid;
  const ref = { actionId: payment.actionId, attempt: payment.attempt };
  const id = payableId(ref);
  const [, attempt, recorded, legs] = await pipeline([
    lockCredits(tx, accountsOf(planned, action.actor)),
    lockAttempt(tx, ref),
    recordPaymentUpdate(tx, update),
    readLegs(tx, [id]),
    answered(tx, update),
  ]);
  if (!recorded) return 'known';
  const target = { ref, action, legs: legs.get(id) ?? [] };
  const step: Step = { engine, tx, target, attempt, payment, by, settles };
  await pipeline([
    finishCall(tx, 'send_payment', update.hash),
    update.state === 'succeeded' ? succeeded(step, update) : failed(step, update.failure),
  ]);
  return 'applied';
}

async function findPaid(
  tx: ClientBase,
  hash: PaymentHash,
): Promise<{ readonly payment: PaymentRow; readonly action: Action } | undefined> {
  const { rows } = await tx.query<PaymentRow & ActionRow>(
    `select ${PAYMENT_COLUMNS}, ${ACTION_COLUMNS} from payments p join actions s on s.id = p.action_id
     where p.hash = $1`,
    [hash],
  );
  const [row] = rows;
  return row === undefined ? undefined : { payment: row, action: actionOf(row) };
}

async function answered(tx: ClientBase, update: PaymentUpdate): Promise<void> {
  if (update.state !== 'succeeded' || update.send === undefined) return;
  await recordAnswer(tx, update.hash, update.send, update.state);
}

interface Step {
  readonly engine: EngineContext;
  readonly tx: ClientBase;
  readonly target: AttemptTarget;
  readonly attempt: AttemptRow;
  readonly payment: PaymentRow;
  readonly by: ChangedBy;
  readonly settles: boolean;
}

/** In CANCELLING the held money is taken after all: its cancellation finds the preimage. In other states nothing was sent. */
async function succeeded(
  { tx, target, attempt, payment, by, settles }: Step,
  { feeMsat }: PaymentUpdate & { readonly state: 'succeeded' },
): Promise<void> {
  const { action, ref, legs } = target;
  const paid: PaidOut = { ...payment, feeMsat };
  const money = { ref, actor: action.actor, legs };
  switch (attempt.state) {
    case 'WITHDRAWING':
      await pipeline([
        moveLocked(tx, [{ action, attempt }], { event: 'withdrawn' }, by),
        bookWithdrawn(tx, money, paid),
        enqueueAfterPaid(tx, [ref.actionId]),
      ]);
      return undefined;
    case 'FORWARDING': {
      const [, held] = await pipeline([
        moveLocked(tx, [{ action, attempt }], { event: 'forwarded' }, by),
        isHeld(tx, target),
        settles ? leaseCall(tx, 'settle_invoice', payment.hash) : undefined,
      ]);
      if (held) return undefined;
      return payWithLoss(tx, { target, attempt: { ...attempt, state: 'FORWARDED' } }, by);
    }
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
