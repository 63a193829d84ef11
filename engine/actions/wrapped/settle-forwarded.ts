import type { ClientBase } from 'pg';
import { pipeline } from '../../../db/pipeline.js';
import type { Msat } from '../../../domain/money.js';
import { payableId } from '../../ledger/legs.js';
import { findPaymentOf, type PaymentRow } from '../../payouts/payment-row.js';
import type { ChangedBy } from '../../transition.js';
import type { AttemptRow } from '../attempt-row.js';
import type { AttemptTarget } from '../attempt-target.js';
import type { ActionRef } from '../contract.js';
import { moveLocked } from '../move-attempt.js';
import { bookForwarded, bookForwardedForNothing, type PaidOut } from '../outgoing/book-outgoing.js';
import { inSavepoint, makePaid } from '../run-type.js';

/** A locked attempt whose payee has been paid. */
export interface Forwarded {
  readonly target: AttemptTarget;
  readonly attempt: AttemptRow;
}

/** The incoming money is there: PAID, with all that comes with it. */
export async function settleForwarded(
  tx: ClientBase,
  { target, attempt, payment }: Forwarded & { readonly payment: PaymentRow | undefined },
  receivedMsat: Msat,
  by: ChangedBy,
): Promise<void> {
  const { action, ref, legs } = target;
  const paid = paidOutOf(ref, payment);
  await pipeline([
    moveLocked(tx, [{ action, attempt }], { event: 'settled' }, by),
    bookForwarded(tx, { ref, actor: action.actor, legs }, paid, receivedMsat),
  ]);
  await makePaidOrPark(tx, target);
}

/** The payee was paid, and the incoming money is gone: PAID all the same, as our loss. */
export async function payWithLoss(
  tx: ClientBase,
  { target, attempt }: Forwarded,
  by: ChangedBy,
): Promise<void> {
  const { action, ref, legs } = target;
  const paid = paidOutOf(ref, await findPaymentOf(tx, ref));
  await pipeline([
    moveLocked(tx, [{ action, attempt }], { event: 'paid_with_loss' }, by),
    bookForwardedForNothing(tx, { ref, actor: action.actor, legs }, paid),
  ]);
  await makePaidOrPark(tx, target);
}

function paidOutOf(ref: ActionRef, payment: PaymentRow | undefined): PaidOut {
  if (payment === undefined || payment.feeMsat === null) {
    throw new Error(`${payableId(ref)}: the payee has not been paid`);
  }
  return { ...payment, feeMsat: payment.feeMsat };
}

/** Nothing can be given back any more: what a type fails at is done later. */
async function makePaidOrPark(tx: ClientBase, { action, ref }: AttemptTarget): Promise<void> {
  const failed = await inSavepoint(tx, () => makePaid(tx, [action]));
  if (failed === undefined) return;
  await tx.query(
    `insert into effects (action_id, attempt, kind, tries, last_error) values ($1, $2, 'paid', 1, $3)`,
    [ref.actionId, ref.attempt, failed.because],
  );
}
