import type { AttemptEvent, AttemptFlow, AttemptState } from './machine.js';

export interface AttemptStatus {
  readonly state: AttemptState;
  readonly flow: AttemptFlow;
  readonly performed: boolean;
}

/** What the node says of an invoice. */
export type InvoiceUpdateState = 'held' | 'settled' | 'canceled';

/** What has to be done because of an invoice update, in this order and in one transaction. */
export interface Plan {
  /** The invoice exists though its creation was not recorded. */
  readonly before: readonly AttemptEvent[];
  /** Perform first; the events of `refused` follow if that is no longer possible. */
  readonly perform: boolean;
  readonly events: readonly AttemptEvent[];
  readonly refused: readonly AttemptEvent[];
  /** The attempt had ended: the money pays the action as a new attempt, or becomes credits. */
  readonly late: boolean;
}

const NOTHING: Plan = { before: [], perform: false, events: [], refused: [], late: false };

/** Updates come late, twice, out of order or not at all: this is what follows in each state. */
export function planForUpdate(attempt: AttemptStatus, update: InvoiceUpdateState): Plan {
  if (attempt.state === 'INVOICING' && update !== 'canceled')
    return planAfterCreation(attempt, update);
  switch (update) {
    case 'held':
      return attempt.state === 'PENDING_HELD'
        ? { ...NOTHING, perform: true, events: ['held'], refused: ['perform_refused'] }
        : NOTHING;
    case 'settled':
      return planForSettled(attempt);
    case 'canceled':
      return planForCanceled(attempt);
  }
}

function planAfterCreation(attempt: AttemptStatus, update: InvoiceUpdateState): Plan {
  const created = attempt.flow === 'pessimistic' ? 'hold_invoice_created' : 'invoice_created';
  const state = attempt.flow === 'pessimistic' ? 'PENDING_HELD' : 'PENDING';
  return { ...planForUpdate({ ...attempt, state }, update), before: [created] };
}

function planForSettled({ state, performed }: AttemptStatus): Plan {
  switch (state) {
    case 'PENDING':
    case 'HELD':
      return { ...NOTHING, events: ['settled'] };
    case 'PENDING_HELD':
      // The node reports a settlement only once, so the missing transition is made here.
      return {
        ...NOTHING,
        perform: true,
        events: ['held', 'settled'],
        refused: ['settled_but_impossible'],
      };
    case 'CANCELLING':
      return performed
        ? { ...NOTHING, events: ['settled'] }
        : { ...NOTHING, perform: true, events: ['settled'], refused: ['settled_but_impossible'] };
    case 'FAILED':
      return { ...NOTHING, late: true };
    case 'PAID':
    case 'INVOICING':
      return NOTHING;
  }
}

function planForCanceled({ state }: AttemptStatus): Plan {
  switch (state) {
    case 'INVOICING':
      return { ...NOTHING, events: ['creation_failed'] };
    case 'PENDING':
    case 'PENDING_HELD':
    case 'HELD':
    case 'CANCELLING':
      return { ...NOTHING, events: ['canceled'] };
    case 'PAID':
    case 'FAILED':
      return NOTHING;
  }
}

/** What follows when the state's deadline has passed. */
export const onDeadline: Readonly<Partial<Record<AttemptState, AttemptEvent>>> = {
  INVOICING: 'creation_failed',
  PENDING: 'expired',
  PENDING_HELD: 'expired',
  HELD: 'settled_too_slow',
};

/** What a state waits for, in a few words: for the reader of the workflow's history. */
export const AWAITS: Readonly<Record<AttemptState, string>> = {
  INVOICING: 'the node creates the invoice',
  PENDING: 'payment, until the invoice expires',
  PENDING_HELD: 'a held payment, until the invoice expires',
  HELD: 'the held payment is settled',
  CANCELLING: 'the invoice is canceled, or found paid',
  PAID: 'nothing',
  FAILED: 'nothing',
};

export type NodeCall = 'createInvoice' | 'settleInvoice' | 'cancelInvoice';

/** The call to the node that a state needs. An invoice is created by the holder of the lease. */
export function callNeeded(state: AttemptState, leaseIsOver: boolean): NodeCall | null {
  switch (state) {
    case 'INVOICING':
      return leaseIsOver ? 'createInvoice' : null;
    case 'HELD':
      return 'settleInvoice';
    case 'CANCELLING':
      return 'cancelInvoice';
    default:
      return null;
  }
}
