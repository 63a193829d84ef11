import type { ClientBase } from 'pg';
import { usOfSeconds } from '../../domain/credits/time.js';
import { type Msat, subtractMsat, ZERO_MSAT } from '../../domain/money.js';
import { refundDebit } from '../credits/refund.js';
import type { EngineContext } from '../context.js';
import type { Holder } from '../ledger/post-entry.js';
import type { ActionRef } from './contract.js';
import { keyOf, post, recordPayments, refundRow } from './book-payments.js';

/** Credits that were taken for an attempt which has not been paid with them. */
export interface TakenCredits {
  /** Of the entry and the debit that took them. */
  readonly key: string;
  readonly payer: string;
  readonly amountMsat: Msat;
  /** Whose they are meanwhile. */
  readonly holder: Holder;
}

/**
 * Gives credits of an attempt that fails back to the lots that they came from, once. What has expired meanwhile becomes a lot of
 * its own with a grace: our own waiting never burns anybody's money. The payer is locked.
 *
 * Today every attempt by credits is paid in the transaction that takes them, so there is nothing to give back; a flow that takes
 * them before it knows that it will be paid ends with this.
 */
export async function giveBack(
  { timers }: EngineContext,
  tx: ClientBase,
  ref: ActionRef,
  taken: TakenCredits,
): Promise<void> {
  const { payer, amountMsat, holder, key: debitRef } = taken;
  const key = `${keyOf(ref)}/back`;
  const asset = 'CREDITS';
  const lines = [
    { holder, asset, amountMsat: subtractMsat(ZERO_MSAT, amountMsat) },
    { holder: { accountId: payer }, asset, amountMsat },
  ] as const;
  await post(tx, [{ key, lines }]);
  const graceUs = usOfSeconds(timers.refundGraceSeconds);
  await refundDebit(tx, { ledger: 'actions', ref: key, debitRef, graceUs });
  await recordPayments(tx, [{ ref, payments: [refundRow(amountMsat, payer)] }]);
}
