import type { ApplyOutcome } from '../../context.js';
import type { ClientBase } from 'pg';
import { pipeline } from '../../../db/pipeline.js';
import { planForUpdate } from '../../../domain/actions/decide.js';
import { lockCredits } from '../../credits/accounts.js';
import { type InvoiceUpdate, recordUpdates } from '../../invoices/record-update.js';
import { type AttemptRow, lockAttempts } from '../attempt-row.js';
import type { ActionRef } from '../contract.js';
import type { AttemptAwaitingPayment } from './find-payable.js';
import { accountsOf } from '../book-payments.js';
import { type SettledAttempt, settleAttempts } from './settle-attempts.js';
import { payOutsOf } from '../types/index.js';
import type { PayOut } from '../types/paid-action-type.js';

/** A payment, and the attempt that was found to wait for it. */
export interface Payment extends AttemptAwaitingPayment {
  readonly fact: InvoiceUpdate;
}

/**
 * What applyAttemptUpdate does with a payment of an attempt that waits for nothing else, for many in the same statements; no attempt
 * is among them twice. Throws when one of them has changed meanwhile, so that more or other accounts may be needed than are locked:
 * then nothing is done, and each has to be applied alone.
 */
export async function payAttempts(
  tx: ClientBase,
  payments: readonly Payment[],
): Promise<ApplyOutcome[]> {
  const payOuts = await payOutsOf(
    tx,
    payments.map(({ subject }) => subject),
  );
  const accounts = payments.flatMap((payment, n) => receivers(payment, payOuts[n] ?? []));
  const [, attempts, recorded] = await pipeline([
    lockCredits(tx, [...new Set(accounts)]),
    lockAttempts(tx, payments.map(refOf)),
    recordUpdates(
      tx,
      payments.map(({ fact }) => fact),
    ),
  ]);
  const news = payments.flatMap((payment, n): SettledAttempt[] => {
    const attempt = attempts[n];
    if (attempt === undefined || recorded[n] === undefined) return [];
    return [{ ...payment, attempt: stillPayable(attempt), payOuts: payOuts[n] ?? [] }];
  });
  if (news.length > 0) await settleAttempts(tx, news, 'other');
  return recorded.map((record) => (record === undefined ? 'known' : 'applied'));
}

function refOf({ subject, attempt }: Payment): ActionRef {
  return { actionId: subject.id, attempt };
}

/** The payer's account is needed, and in nobody's way, only where something goes back to him. */
function receivers({ subject, fact }: Payment, payOuts: readonly PayOut[]): string[] {
  return accountsOf(payOuts, fact.receivedMsat === subject.costMsat ? null : subject.actor);
}

function stillPayable(attempt: AttemptRow): AttemptRow {
  const { before, perform, events, late } = planForUpdate(attempt, 'settled');
  const isPayable = before.length === 0 && !perform && !late && events[0] === 'settled';
  if (isPayable) return attempt;
  throw new Error(`attempt ${attempt.action_id}/${attempt.attempt} is ${attempt.state} by now`);
}
