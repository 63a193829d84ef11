import type { ClientBase } from 'pg';
import { isDatabaseUnavailable, isRefusedValue, isRetryable } from '../../db/errors.js';
import { isFollowUp, pipeline } from '../../db/pipeline.js';
import type { Msat } from '../../domain/money.js';
import { Refusal } from '../../domain/refusal.js';
import type { ChangedBy } from '../transition.js';
import type { AttemptTarget } from './attempt-target.js';
import { bookPaid } from './book-attempt.js';
import { type LockedAttempt, moveLocked } from './move-attempt.js';
import { makePaid, TypeFailed } from './run-type.js';

/** A locked attempt in a state which allows it to be paid, and what its invoice received. */
export type SettledAttempt = LockedAttempt & AttemptTarget & { readonly receivedMsat: Msat };

const TOO_MUCH = new Refusal(
  'credits.amount_too_large',
  'somebody who is to be paid would have too much',
);

/** More than a BIGINT can store: nobody can be given it, so its payer gets it back. */
function isTooMuch(error: unknown): boolean {
  if (error instanceof Refusal) return error.code === TOO_MUCH.code;
  return isRefusedValue(error) && error.code === '22003';
}

/** Marks attempts as paid, with everything that comes with it: any number of them in the same statements. Throws TypeFailed. */
export async function settleAttempts(
  tx: ClientBase,
  settled: readonly SettledAttempt[],
  by: ChangedBy,
): Promise<void> {
  const actions = settled.map(({ action }) => action);
  const refs = settled.map(({ ref }) => ref);
  await pipeline([
    moveLocked(tx, settled, { event: 'settled' }, by),
    bookPaid(
      tx,
      settled.map(({ action, ref, legs, receivedMsat }) => ({
        ...{ ref, actor: action.actor, legs, receivedMsat },
      })),
    ).catch((error: unknown) => {
      throw isTooMuch(error) ? new TypeFailed(refs, { cause: TOO_MUCH }) : error;
    }),
    makePaid(tx, actions).catch((error: unknown) => {
      if (isDatabaseUnavailable(error) || isRetryable(error) || isFollowUp(error)) throw error;
      throw new TypeFailed(refs, { cause: error });
    }),
  ]);
}
