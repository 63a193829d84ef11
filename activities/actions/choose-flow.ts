import type { AttemptFlow } from '../../domain/actions/machine.js';
import type { Msat } from '../../domain/money.js';
import { Refusal } from '../../domain/refusal.js';
import type { Payment } from './contract.js';

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
