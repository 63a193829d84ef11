import type { ClientBase } from 'pg';
import type { AttemptFlow } from '../../domain/actions/machine.js';
import type { Msat } from '../../domain/money.js';
import { Refusal } from '../../domain/refusal.js';
import { lockCredits } from '../ledger/post-entry.js';
import type { ActionSubject } from './attempt-row.js';
import type { Payment } from './contract.js';
import { ownersOf } from './payments.js';

export interface FlowChoice {
  readonly payment: Payment;
  readonly actor: string | null;
  readonly costMsat: Msat;
  /** Of the actor, locked; undefined for the anonymous. */
  readonly balanceMsat: bigint | undefined;
  readonly optimistic: boolean;
}

/**
 * How an attempt is paid: by credits when they cover it all, else by an invoice, before which the action is performed where its
 * type and an account allow that. Throws Refusal when the caller insists on what cannot be.
 */
export function chooseFlow(choice: FlowChoice): Exclude<AttemptFlow, 'late'> {
  const covered = choice.balanceMsat !== undefined && choice.balanceMsat >= choice.costMsat;
  if (choice.payment !== 'invoice' && covered) return 'credits';
  if (choice.payment === 'credits') throw noCredits(choice);
  return choice.optimistic && choice.actor !== null ? 'optimistic' : 'pessimistic';
}

function noCredits({ actor, costMsat, balanceMsat }: FlowChoice): Refusal {
  return actor === null
    ? new Refusal('action.flow_not_supported', 'without an account there are no credits')
    : new Refusal(
        'action.insufficient_credits',
        `it costs ${costMsat} msat, the balance is ${balanceMsat ?? 0n} msat`,
      );
}

/** Locks the accounts that paying by credits would move, in their order, and decides how to pay. */
export async function chooseAndLock(
  tx: ClientBase,
  subject: ActionSubject,
  payment: Payment,
): Promise<'credits' | 'optimistic' | 'pessimistic'> {
  const { actor, costMsat, bound } = subject;
  let balanceMsat: bigint | undefined;
  if (actor !== null && payment !== 'invoice') {
    const balances = await lockCredits(tx, ownersOf(await subject.steps.payOuts(tx), actor));
    balanceMsat = balances.get(actor);
  }
  return chooseFlow({ payment, actor, costMsat, balanceMsat, optimistic: bound.optimistic });
}
