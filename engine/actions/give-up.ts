import type { ClientBase } from 'pg';
import type { EngineContext } from '../context.js';
import type { Leg } from '../ledger/legs.js';
import { readLegs, payableId } from '../ledger/legs.js';
import { lockCredits } from '../credits/accounts.js';
import { readKnown } from '../invoices/read-known.js';
import { recordUpdate } from '../invoices/record-update.js';
import { ZERO_MSAT } from '../../domain/money.js';
import { findPaymentOf } from '../payouts/payment-row.js';
import type { ChangedBy } from '../transition.js';
import { accountsOf, isBalance } from './attempt-money.js';
import { findTarget, type AttemptTarget } from './attempt-target.js';
import type { Action } from './action.js';
import { type AttemptMoney, bookRefund } from './book-attempt.js';
import type { ActionRef } from './contract.js';
import { releaseKeys } from './claim-keys.js';
import { moveAttempt } from './move-attempt.js';
import { bookPaidForNothing, leaves } from './outgoing/book-outgoing.js';
import { undo } from './run-type.js';

/**
 * What comes with FAILED: what was performed is undone and what was taken from the payer's balance goes back. The accounts of its legs
 * are locked. Returns the legs as they are then.
 */
export async function giveUp(
  engine: Pick<EngineContext, 'timers'>,
  tx: ClientBase,
  { action, ref, legs }: AttemptTarget,
  performed: boolean,
): Promise<readonly Leg[]> {
  if (performed) await undo(tx, action, ref.attempt);
  await releaseKeys(tx, action);
  const after = await bookRefund(engine, tx, { ref, actor: action.actor, legs });
  if (after.some(leaves)) await endPayment(tx, { ref, actor: action.actor, legs: after });
  return after;
}

/** A payment that was not sent is given up; one that has succeeded is our loss. */
async function endPayment(tx: ClientBase, money: AttemptMoney): Promise<void> {
  const payment = await findPaymentOf(tx, money.ref);
  if (payment === undefined) return;
  if (payment.feeMsat !== null) {
    await bookPaidForNothing(tx, money, { ...payment, feeMsat: payment.feeMsat });
  } else if (payment.state === 'open') {
    await tx.query(
      `update payments set state = 'failed', failure = 'not_sent', changed_at = clock_timestamp() where hash = $1`,
      [payment.hash],
    );
  }
}

/** An attempt in CANCELLING whose payee's wallet has not minted yet: there is nothing to ask the node for. */
export async function endWithoutInvoice(
  engine: Pick<EngineContext, 'timers'>,
  tx: ClientBase,
  action: Action,
  ref: ActionRef,
): Promise<void> {
  if ((await readKnown(tx, ref)) !== undefined) return;
  const moved = await moveAttempt(tx, action, ref, { event: 'canceled' }, 'other');
  if (moved === undefined) return;
  const legs = (await readLegs(tx, [payableId(ref)])).get(payableId(ref)) ?? [];
  await giveUp(engine, tx, { action, ref, legs }, moved.performed);
}

/** Ends an attempt whose invoice could not be created; false when it is not waiting for one. */
export async function failCreation(
  engine: EngineContext,
  tx: ClientBase,
  ref: ActionRef,
  by: ChangedBy,
  detail?: string,
): Promise<boolean> {
  const target = await findTarget(tx, ref);
  await lockCredits(tx, accountsOf(target.legs.filter(isBalance), null));
  const event = 'creation_failed' as const;
  const move = detail === undefined ? { event } : { event, detail };
  const failed = await moveAttempt(tx, target.action, ref, move, by);
  if (failed === undefined) return false;
  const hash = target.legs.find((leg) => leg.hash !== null)?.hash;
  if (hash !== undefined && hash !== null) {
    await recordUpdate(tx, { hash, state: 'canceled', receivedMsat: ZERO_MSAT });
  }
  const legs = (await readLegs(tx, [payableId(ref)])).get(payableId(ref)) ?? [];
  await giveUp(engine, tx, { ...target, legs }, failed.performed);
  return true;
}
