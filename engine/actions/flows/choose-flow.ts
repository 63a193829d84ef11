import type { ClientBase } from 'pg';
import { pipeline } from '../../../db/pipeline.js';
import type { AttemptFlow } from '../../../domain/actions/machine.js';
import type { Us } from '../../../domain/credits/time.js';
import type { Msat } from '../../../domain/money.js';
import { Refusal } from '../../../domain/refusal.js';
import { lockCredits } from '../../credits/accounts.js';
import { readSpendable } from '../../credits/read-balance.js';
import type { ActionSubject } from '../attempt-row.js';
import type { Payment } from '../contract.js';
import { accountsOf } from '../book-payments.js';
import { payOutsOf } from '../types/index.js';

export interface FlowChoice {
  readonly payment: Payment;
  readonly actor: string | null;
  readonly costMsat: Msat;
  /** What the actor can spend; undefined for the anonymous. */
  readonly spendableMsat: bigint | undefined;
  readonly optimistic: boolean;
}

/**
 * How an attempt is paid: by credits when they cover it all, else by an invoice. With an invoice the action is performed first
 * (optimistic) where its type allows that and the actor has an account. Throws Refusal when the requested payment is not possible.
 */
export function chooseFlow(choice: FlowChoice): Exclude<AttemptFlow, 'late'> {
  const covered = choice.spendableMsat !== undefined && choice.spendableMsat >= choice.costMsat;
  if (choice.payment !== 'invoice' && covered) return 'credits';
  if (choice.payment === 'credits') throw noCredits(choice);
  return choice.optimistic && choice.actor !== null ? 'optimistic' : 'pessimistic';
}

function noCredits({ actor, costMsat, spendableMsat }: FlowChoice): Refusal {
  return actor === null
    ? new Refusal('action.flow_not_supported', 'without an account there are no credits')
    : new Refusal(
        'action.insufficient_credits',
        `it costs ${costMsat} msat, the balance is ${spendableMsat ?? 0n} msat`,
      );
}

/** `atUs`: the credits are drained as of the time at which they were found to cover the cost. */
export type ChosenFlow =
  { readonly flow: 'credits'; readonly atUs: Us } | { readonly flow: 'optimistic' | 'pessimistic' };

/** Locks the accounts that a payment by credits would change, in their order, and decides how to pay. */
export async function chooseAndLock(
  tx: ClientBase,
  subject: ActionSubject,
  payment: Payment,
): Promise<ChosenFlow> {
  const { actor, costMsat, bound } = subject;
  const choice = { payment, actor, costMsat, optimistic: bound.optimistic };
  if (actor === null || payment === 'invoice') {
    return invoiced(chooseFlow({ ...choice, spendableMsat: undefined }));
  }
  const [payOuts = []] = await payOutsOf(tx, [subject]);
  const accounts = accountsOf(payOuts, actor);
  // In this order: the balance is read once the lock is held.
  const [, { msat, atUs }] = await pipeline([
    lockCredits(tx, accounts),
    readSpendable(tx, actor, accounts),
  ]);
  const flow = chooseFlow({ ...choice, spendableMsat: msat });
  return flow === 'credits' ? { flow, atUs } : { flow };
}

function invoiced(flow: ReturnType<typeof chooseFlow>): ChosenFlow {
  if (flow === 'credits') throw new Error('credits without an account');
  return { flow };
}
