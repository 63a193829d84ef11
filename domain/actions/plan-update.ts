import type { InvoiceUpdateState } from '../invoices/machine.js';
import type { Reaction } from '../machine.js';
import { type AttemptEvent, attemptMachine, type AttemptState } from './machine.js';

export interface AttemptStatus {
  readonly state: AttemptState;
  readonly performed: boolean;
  /** Whether its invoice is a hold invoice. */
  readonly hold: boolean;
}

/** What has to be done because of an invoice update, in this order and in one transaction. */
export interface Plan {
  /** The invoice exists though its creation was not recorded. */
  readonly before: readonly AttemptEvent[];
  /** Perform first; `refused` follows where that is not possible, or where the type fails at anything that comes with `events`. */
  readonly perform: boolean;
  readonly events: readonly AttemptEvent[];
  readonly refused: AttemptEvent | undefined;
  /** The attempt had ended: the money pays the action as a new attempt, or becomes a balance or a claim. */
  readonly late: boolean;
}

const NOTHING: Plan = { before: [], perform: false, events: [], refused: undefined, late: false };

/** Updates come late, twice, out of order or not at all: this is what follows in each state, by the machine's table. */
export function planForUpdate(attempt: AttemptStatus, update: InvoiceUpdateState): Plan {
  if (attempt.state === 'INVOICING' && update !== 'canceled')
    return planAfterCreation(attempt, update);
  const reactions: Partial<Record<InvoiceUpdateState, Reaction<AttemptEvent>>> =
    attemptMachine.states[attempt.state].on ?? {};
  const reaction = reactions[update];
  if (reaction === undefined) return NOTHING;
  return {
    before: [],
    perform: reaction.performs === true && !attempt.performed,
    events: reaction.events,
    refused: reaction.refused,
    late: reaction.late === true,
  };
}

function planAfterCreation(attempt: AttemptStatus, update: InvoiceUpdateState): Plan {
  const created = attempt.hold ? 'hold_invoice_created' : 'invoice_created';
  const state = attempt.hold ? 'PENDING_HELD' : 'PENDING';
  return { ...planForUpdate({ ...attempt, state }, update), before: [created] };
}
