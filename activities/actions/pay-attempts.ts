import type { ClientBase } from 'pg';
import { together } from '../../db/together.js';
import { planForFact } from '../../domain/actions/decide.js';
import { lockCredits } from '../credits/lock-credits.js';
import { type FactOutcome, type HeardFact, recordFacts } from '../lightning/record-fact.js';
import { type ActionSubject, type AttemptRow, lockAttempts } from './attempt-row.js';
import type { ActionRef } from './contract.js';
import type { PayableAttempt } from './find-payable.js';
import { moveLocked } from './move-attempt.js';
import { bookPaid, ownersOf, type PaidAttempt } from './payments.js';
import { onPaid, payOutsOf } from './types/index.js';
import type { PayOut } from './types/paid-action-type.js';

/** A payment, and the attempt that was found to wait for it. */
export interface Payment extends PayableAttempt {
  readonly fact: HeardFact;
}

/**
 * What applyAttemptFact does with a payment of an attempt that waits for nothing else, for many in the same statements; no attempt
 * is among them twice. Throws when one of them has changed meanwhile, so that more or other accounts may be needed than are locked:
 * then nothing is done, and each has to be applied alone.
 */
export async function payAttempts(
  tx: ClientBase,
  payments: readonly Payment[],
): Promise<FactOutcome[]> {
  const refs = payments.map(refOf);
  const payOuts = await payOutsOf(
    tx,
    payments.map(({ subject }) => subject),
  );
  const owners = payments.flatMap((payment, n) => receivers(payment, payOuts[n] ?? []));
  const [, attempts, recorded] = await together([
    lockCredits(tx, [...new Set(owners)]),
    lockAttempts(tx, refs),
    recordFacts(
      tx,
      payments.map(({ fact }) => fact),
    ),
  ]);
  const news = payments.flatMap((payment, n): News[] => {
    const [attempt, ref] = [attempts[n], refs[n]];
    if (attempt === undefined || ref === undefined || recorded[n] === undefined) return [];
    return [{ ...payment, ref, attempt: stillPayable(attempt), payOuts: payOuts[n] ?? [] }];
  });
  await pay(tx, news);
  return recorded.map((record) => (record === undefined ? 'known' : 'applied'));
}

interface News {
  readonly ref: ActionRef;
  readonly subject: ActionSubject;
  readonly attempt: AttemptRow;
  readonly fact: HeardFact;
  readonly payOuts: readonly PayOut[];
}

function refOf({ subject, attempt }: Payment): ActionRef {
  return { actionId: subject.id, attempt };
}

/** The payer's account is needed, and in nobody's way, only where something goes back to him. */
function receivers({ subject, fact }: Payment, payOuts: readonly PayOut[]): string[] {
  return ownersOf(payOuts, fact.receivedMsat === subject.costMsat ? null : subject.actor);
}

function stillPayable(attempt: AttemptRow): AttemptRow {
  const { before, perform, events, late } = planForFact(attempt, 'settled');
  const isPayable = before.length === 0 && !perform && !late && events[0] === 'settled';
  if (isPayable) return attempt;
  throw new Error(`attempt ${attempt.action_id}/${attempt.attempt} is ${attempt.state} by now`);
}

/** Everything that comes with the state is written together: the attempts are locked, so nobody was first. */
async function pay(tx: ClientBase, news: readonly News[]): Promise<void> {
  if (news.length === 0) return;
  await together([
    moveLocked(tx, news, { event: 'settled' }, 'other'),
    onPaid(
      tx,
      news.map(({ subject }) => subject),
    ),
    bookPaid(
      tx,
      news.map(({ ref, fact, payOuts, subject: { actor } }): PaidAttempt => {
        const source = { kind: 'invoice', amountMsat: fact.receivedMsat } as const;
        return { ref, source, payOuts, actor };
      }),
    ),
  ]);
}
