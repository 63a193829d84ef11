import { defineMachine } from '../machine.js';

/**
 * One attempt to pay an action. Optimistic attempts perform when opened and show an ordinary invoice; pessimistic ones perform
 * once the payer's money is held. What was performed stays hidden from others until PAID, and is undone at FAILED.
 */
export const attemptMachine = defineMachine({
  name: 'attempt',
  states: ['INVOICING', 'PENDING', 'PENDING_HELD', 'HELD', 'CANCELLING', 'PAID', 'FAILED'],
  terminal: ['PAID', 'FAILED'],
  transitions: {
    opened: { from: [], to: 'INVOICING', because: 'an invoice is needed' },
    paid_by_credits: { from: [], to: 'PAID', because: 'credits cover it all' },
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
    },
    held: { from: ['PENDING_HELD'], to: 'HELD', because: 'money is held and the action performed' },
    perform_refused: {
      from: ['PENDING_HELD'],
      to: 'CANCELLING',
      because: 'money is held but the action is no longer possible',
    },
    cancel_requested: {
      from: ['INVOICING', 'PENDING', 'PENDING_HELD'],
      to: 'CANCELLING',
      because: 'its author cancels',
    },
    expired: {
      from: ['PENDING', 'PENDING_HELD'],
      to: 'CANCELLING',
      because: 'the invoice expired',
    },
    settled_too_slow: {
      from: ['HELD'],
      to: 'CANCELLING',
      because: 'the hold was not settled in time',
    },
    settled: {
      from: ['PENDING', 'HELD', 'CANCELLING'],
      to: 'PAID',
      because: 'the node has the money',
    },
    canceled: {
      from: ['PENDING', 'PENDING_HELD', 'HELD', 'CANCELLING'],
      to: 'FAILED',
      because: 'the node canceled the invoice',
    },
    settled_but_impossible: {
      from: ['PENDING_HELD', 'CANCELLING'],
      to: 'FAILED',
      because: 'the node has the money but the action cannot be performed: credited to the payer',
    },
  },
});

export type AttemptState = (typeof attemptMachine.states)[number];
export type AttemptEvent = keyof typeof attemptMachine.transitions;
export type AttemptFlow = 'credits' | 'optimistic' | 'pessimistic' | 'late';

/** Why an attempt failed. Shown to its author. */
export type FailureReason =
  | 'INVOICE_CREATION_FAILED'
  | 'INVOICE_EXPIRED'
  | 'HELD_INVOICE_SETTLED_TOO_SLOW'
  | 'EXECUTION_FAILED'
  | 'USER_CANCELLED'
  | 'SYSTEM_CANCELLED';
