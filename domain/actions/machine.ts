import { defineMachine } from '../machine.js';

/**
 * One attempt to pay an action. Optimistic attempts perform when opened and show an ordinary invoice; pessimistic ones perform once
 * the payer's money is held; wrapped ones forward it to the payee's wallet. What was performed stays hidden from others until PAID,
 * and is undone at FAILED. "Paid" is ours: the action happened. "Held" and "settled" are the node's.
 */
export const attemptMachine = defineMachine({
  name: 'attempt',
  states: {
    INVOICING: {
      awaits: 'the node creates the invoice',
      call: 'create_invoice',
      atDeadline: { event: 'creation_failed' },
      on: {
        canceled: { events: ['creation_failed'] },
      },
    },
    WRAPPING: {
      awaits: "the payee's wallet and the node create the invoices",
      call: 'wrap_invoice',
      atDeadline: { event: 'wrapping_failed' },
    },
    PENDING: {
      awaits: 'payment, until the invoice expires',
      atDeadline: {
        call: 'look_up_invoice',
        awaits: 'the node says whether it was paid in time',
      },
      on: {
        settled: { performs: true, events: ['settled'], refused: 'settled_but_impossible' },
        canceled: { events: ['canceled'] },
      },
    },
    PENDING_HELD: {
      awaits: 'a held payment, until the invoice expires',
      atDeadline: {
        call: 'look_up_invoice',
        awaits: 'the node says whether it was paid in time',
      },
      on: {
        held: { performs: true, events: ['held'], refused: 'perform_refused' },
        // A node reports a settlement only once, so the missing transition is made with it.
        settled: { performs: true, events: ['held', 'settled'], refused: 'settled_but_impossible' },
        canceled: { events: ['canceled'] },
      },
    },
    HELD: {
      awaits: 'the held payment is settled',
      announced: true,
      call: 'settle_invoice',
      on: {
        settled: { performs: true, events: ['settled'], refused: 'settled_but_impossible' },
        canceled: { events: ['canceled'] },
      },
    },
    FORWARDING: { awaits: 'the payee has been paid, or cannot be', call: 'send_payment' },
    FORWARDED: {
      awaits: 'the held payment is settled, with the preimage learned',
      call: 'settle_invoice',
      on: {
        settled: { events: ['settled'] },
        canceled: { events: ['paid_with_loss'] },
      },
    },
    WITHDRAWING: { awaits: 'the payment has succeeded, or cannot', call: 'send_payment' },
    CANCELLING: {
      awaits: 'the invoice is canceled, or found paid',
      call: 'cancel_invoice',
      on: {
        settled: { performs: true, events: ['settled'], refused: 'settled_but_impossible' },
        canceled: { events: ['canceled'] },
      },
    },
    PAID: { awaits: 'nothing', terminal: true, announced: true },
    FAILED: {
      awaits: 'nothing',
      terminal: true,
      announced: true,
      on: { settled: { events: [], late: true } },
    },
  },
  transitions: {
    opened: { from: [], to: 'INVOICING', because: 'an invoice is needed' },
    opened_wrapping: { from: [], to: 'WRAPPING', because: 'a wrapped invoice is needed' },
    opened_withdrawing: {
      from: [],
      to: 'WITHDRAWING',
      because: 'the balance covers it and its fee',
    },
    paid_by_balance: { from: [], to: 'PAID', because: 'the balance covers it all' },
    paid_late: { from: [], to: 'PAID', because: 'money came for an earlier attempt that was over' },
    invoice_created: { from: ['INVOICING'], to: 'PENDING', because: 'ordinary invoice exists' },
    hold_invoice_created: {
      from: ['INVOICING'],
      to: 'PENDING_HELD',
      because: 'hold invoice exists',
    },
    creation_failed: {
      from: ['INVOICING'],
      to: 'FAILED',
      because: 'the node refused or was too slow',
      reason: 'INVOICE_CREATION_FAILED',
    },
    wrapped: { from: ['WRAPPING'], to: 'PENDING_HELD', because: 'wrapped invoice exists' },
    replanned: {
      from: ['WRAPPING'],
      to: 'INVOICING',
      because: 'no wallet of the payee is left: custodial, the rest by invoice',
    },
    replanned_and_paid: {
      from: ['WRAPPING'],
      to: 'PAID',
      because: 'no wallet of the payee is left and the balance covers it all',
    },
    wrapping_failed: {
      from: ['WRAPPING'],
      to: 'FAILED',
      because: 'no wallet of the payee is left, and it cannot be custodial',
      reason: 'INVOICE_WRAPPING_FAILED',
    },
    held: { from: ['PENDING_HELD'], to: 'HELD', because: 'money is held and the action performed' },
    perform_refused: {
      from: ['PENDING_HELD'],
      to: 'CANCELLING',
      because: 'money is held but the action is no longer possible',
      reason: 'EXECUTION_FAILED',
    },
    cancel_requested: {
      from: ['INVOICING', 'WRAPPING', 'PENDING', 'PENDING_HELD'],
      to: 'CANCELLING',
      because: 'its author cancels',
      reason: 'USER_CANCELLED',
    },
    gave_way: {
      from: ['INVOICING', 'WRAPPING', 'PENDING', 'PENDING_HELD'],
      to: 'CANCELLING',
      because: 'too many unpaid from one address, and others need the place',
      reason: 'SYSTEM_CANCELLED',
    },
    forwarding: { from: ['HELD'], to: 'FORWARDING', because: 'enough blocks are left to forward' },
    too_late_to_forward: {
      from: ['HELD'],
      to: 'CANCELLING',
      because: 'blocks or time are too short to forward',
      reason: 'INVOICE_FORWARDING_CLTV_DELTA_TOO_LOW',
    },
    forwarded: { from: ['FORWARDING'], to: 'FORWARDED', because: 'the payee has been paid' },
    forward_failed: {
      from: ['FORWARDING'],
      to: 'CANCELLING',
      because: 'the payee cannot be paid: every send is answered and failed',
      reason: 'INVOICE_FORWARDING_FAILED',
    },
    forward_failed_unheld: {
      from: ['FORWARDING'],
      to: 'FAILED',
      because: 'the payee cannot be paid and nothing is held any more',
      reason: 'INVOICE_FORWARDING_FAILED',
    },
    paid_with_loss: {
      from: ['FORWARDED'],
      to: 'PAID',
      because: 'the payee has been paid and the held payment is gone: our loss',
    },
    withdrawn: { from: ['WITHDRAWING'], to: 'PAID', because: 'the payment succeeded' },
    withdrawal_failed: {
      from: ['WITHDRAWING'],
      to: 'FAILED',
      because: 'every send is answered and failed',
      reason: 'WITHDRAWAL_FAILED',
    },
    settled: {
      from: ['PENDING', 'HELD', 'FORWARDED', 'CANCELLING'],
      to: 'PAID',
      because: 'the node has the money',
    },
    canceled: {
      from: ['PENDING', 'PENDING_HELD', 'HELD', 'CANCELLING'],
      to: 'FAILED',
      because: 'the node canceled the invoice',
    },
    settled_but_impossible: {
      from: ['PENDING', 'PENDING_HELD', 'HELD', 'CANCELLING'],
      to: 'FAILED',
      because: 'the node has the money but the action cannot be performed: credited to the payer',
      reason: 'EXECUTION_FAILED',
    },
  },
});

export type AttemptState = keyof typeof attemptMachine.states;
export type AttemptEvent = keyof typeof attemptMachine.transitions;
/** `credits`: all of it by the balance of the payer, credits and sats. `withdrawal`: by sats that leave. */
export type AttemptFlow =
  'credits' | 'optimistic' | 'pessimistic' | 'late' | 'wrapped' | 'withdrawal';
