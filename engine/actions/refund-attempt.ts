import type { ClientBase } from 'pg';
import { usOfSeconds } from '../../domain/credits/time.js';
import { type Msat, subtractMsat, ZERO_MSAT } from '../../domain/money.js';
import { refundDebit } from '../credits/refund.js';
import type { EngineContext } from '../context.js';
import type { Holder } from '../ledger/post-entry.js';
import type { ActionRef } from './contract.js';
import { keyOf, post, recordPayments, refundRow } from './book-payments.js';

/** Credits that were drained for an attempt which has not been paid with them. */
export interface DrainedCredits {
  /** Of the entry and the debit that drained them. */
  readonly key: string;
  readonly payer: string;
  readonly amountMsat: Msat;
  /** The account that has them meanwhile. */
  readonly holder: Holder;
}

/**
 * Refunds the credits of an attempt that fails to the lots they were drained from, once. What has expired meanwhile becomes a lot
 * of its own with a grace period, since a delay of ours must not cost the user anything. The payer's account is locked.
 *
 * No flow needs it yet: every attempt by credits is paid in the transaction that drains them.
 */
export async function refundAttempt(
  { timers }: EngineContext,
  tx: ClientBase,
  ref: ActionRef,
  drained: DrainedCredits,
): Promise<void> {
  const { payer, amountMsat, holder, key: debitRef } = drained;
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
