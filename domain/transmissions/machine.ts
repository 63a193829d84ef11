import { defineMachine } from '../machine.js';

/** One order of the Satellite API: a message bought by bid and sent over its channel's one line. */
export const orderMachine = defineMachine({
  name: 'order',
  states: [
    'pending',
    'paid',
    'transmitting',
    'confirming',
    'sent',
    'received',
    'cancelled',
    'expired',
  ],
  terminal: ['received', 'cancelled', 'expired'],
  transitions: {
    opened: { from: [], to: 'pending', because: 'ordered' },
    paid: { from: ['pending'], to: 'paid', because: 'paid bids reach the minimum' },
    expired: { from: ['pending'], to: 'expired', because: 'its last open invoice expired' },
    cancelled: { from: ['pending', 'paid'], to: 'cancelled', because: 'its owner cancels' },
    started: { from: ['paid'], to: 'transmitting', because: 'highest bid when the line was free' },
    tx_confirmed: {
      from: ['transmitting'],
      to: 'confirming',
      because: 'first new region confirmed sending: the line is free',
    },
    timed_out: {
      from: ['transmitting'],
      to: 'confirming',
      because: 'nobody confirmed in time: the line is free',
    },
    missed: {
      from: ['confirming'],
      to: 'confirming',
      because: 'the other regions did not confirm in time: to be sent again',
    },
    restarted: {
      from: ['confirming'],
      to: 'transmitting',
      because: 'sent again to the missing regions, the line being free',
    },
    sent: {
      from: ['transmitting', 'confirming'],
      to: 'sent',
      because: 'every ordered region confirmed sending',
    },
    received: {
      from: ['transmitting', 'confirming', 'sent'],
      to: 'received',
      because: 'every monitored ordered region confirmed receiving',
    },
  },
});

export type OrderState = (typeof orderMachine.states)[number];
export type OrderEvent = keyof typeof orderMachine.transitions;

/** Whether time still has to be kept for it. What follows `sent` is only heard: receivers confirm, or do not. */
export function orderNeedsWorkflow(state: OrderState): boolean {
  return ['pending', 'paid', 'transmitting', 'confirming'].includes(state);
}
