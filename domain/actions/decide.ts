import type { AttemptEvent, AttemptFlow, AttemptState } from './machine.js';

export interface AttemptStatus {
  readonly state: AttemptState;
  readonly flow: AttemptFlow;
  readonly performed: boolean;
}

/** What the node says of the attempt's invoice. */
export type InvoiceUpdateState = 'held' | 'settled' | 'canceled';

/** What has to be done because of a fact, in this order and in one transaction. */
export interface Plan {
  /** The node was ahead of us: the invoice exists though its creation was not recorded. */
  readonly before: readonly AttemptEvent[];
  /** Perform first; the events of `refused` follow if that is no longer possible. */
  readonly perform: boolean;
  readonly events: readonly AttemptEvent[];
  readonly refused: readonly AttemptEvent[];
  /** The attempt was over: the money pays the action otherwise, or becomes credits. */
  readonly late: boolean;
}

const NOTHING: Plan = { before: [], perform: false, events: [], refused: [], late: false };

/** Facts come late, twice, out of order or not at all: whatever the state, this is what follows. */
export function planForUpdate(attempt: AttemptStatus, fact: InvoiceUpdateState): Plan {
  if (attempt.state === 'INVOICING' && fact !== 'canceled') return planAfterCreation(attempt, fact);
  switch (fact) {
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

function planAfterCreation(attempt: AttemptStatus, fact: InvoiceUpdateState): Plan {
  const created = attempt.flow === 'pessimistic' ? 'hold_invoice_created' : 'invoice_created';
  const state = attempt.flow === 'pessimistic' ? 'PENDING_HELD' : 'PENDING';
  return { ...planForUpdate({ ...attempt, state }, fact), before: [created] };
}

function planForSettled({ state, performed }: AttemptStatus): Plan {
  switch (state) {
    case 'PENDING':
    case 'HELD':
      return { ...NOTHING, events: ['settled'] };
    case 'PENDING_HELD':
      // The node tells of a settlement once only, so the missing step is made up for here.
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

export type NodeCall = 'createInvoice' | 'settleInvoice' | 'cancelInvoice';

/** The call to the node that the state is waiting for. An invoice is created by whoever holds the lease. */
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
