import type { PaymentHash } from '../../../adapters/lightning/port.js';
import type { ApplyOutcome } from '../../context.js';
import type { ClientBase } from 'pg';
import { pipeline } from '../../../db/pipeline.js';
import { planForUpdate } from '../../../domain/actions/decide.js';
import { lockCredits } from '../../credits/accounts.js';
import { type InvoiceUpdate, recordUpdates } from '../../invoices/record-update.js';
import {
  type ActionSubject,
  type AttemptRow,
  lockAttempts,
  subjectOf,
  type SubjectRow,
} from '../attempt-row.js';
import type { ActionRef } from '../contract.js';
import { accountsOf } from '../book-payments.js';
import { type SettledAttempt, settleAttempts } from './settle-attempts.js';
import { payOutsOf } from '../types/index.js';
import type { PayOut, Queryable } from '../types/paid-action-type.js';

/** An attempt that would be paid if its invoice were settled now, with nothing else to be done for it. */
export interface AttemptAwaitingPayment {
  readonly subject: ActionSubject;
  readonly attempt: number;
}

/** The attempt of each invoice; undefined where it does not await payment, or needs more than to be paid. Read without locks. */
export async function findAwaitingPayment(
  db: Queryable,
  hashes: readonly PaymentHash[],
): Promise<(AttemptAwaitingPayment | undefined)[]> {
  const { rows } = await db.query<SubjectRow & { hash: PaymentHash; attempt: number }>(
    `select i.hash, i.attempt, s.id, s.type, s.actor, s.args, s.cost_msat
     from invoices i
     join attempts a on a.action_id = i.action_id and a.attempt = i.attempt
     join actions s on s.id = i.action_id
     where i.hash = any($1::text[]) and a.state in ('PENDING', 'HELD')`,
    [hashes],
  );
  const payable = new Map(
    rows.map((row) => [row.hash, { subject: subjectOf(row), attempt: row.attempt }]),
  );
  return hashes.map((hash) => payable.get(hash));
}

/** A settled invoice, and the attempt that was found to wait for it. */
export interface Payment extends AttemptAwaitingPayment {
  readonly update: InvoiceUpdate;
}

/**
 * What applyAttemptUpdate does, for many attempts that only have to be paid, in the statements of one; no attempt is among them twice.
 * Throws when one of them has changed meanwhile, so that more or other accounts may be needed than are locked: then nothing is
 * done, and each has to be applied by itself.
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
      payments.map(({ update }) => update),
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

/** The payer's account is locked only where a surplus is refunded. */
function receivers({ subject, update }: Payment, payOuts: readonly PayOut[]): string[] {
  return accountsOf(payOuts, update.receivedMsat === subject.costMsat ? null : subject.actor);
}

function stillPayable(attempt: AttemptRow): AttemptRow {
  const { before, perform, events, late } = planForUpdate(attempt, 'settled');
  const isPayable = before.length === 0 && !perform && !late && events[0] === 'settled';
  if (isPayable) return attempt;
  throw new Error(`attempt ${attempt.action_id}/${attempt.attempt} is ${attempt.state} by now`);
}
