import { defineMachine } from '../machine.js';

/** One order of the Satellite API: a message bought by bid; each channel transmits one at a time. */
export const orderMachine = defineMachine({
  name: 'order',
  states: {
    pending: {
      awaits: 'payment, until its invoice expires',
      call: 'create_invoice',
      atDeadline: {
        call: 'look_up_invoice',
        awaits: 'the node says whether it was paid in time',
      },
    },
    paid: { awaits: 'the channel is free' },
    transmitting: { awaits: 'confirmations of regions', atDeadline: { event: 'timed_out' } },
    confirming: { awaits: 'confirmations of the other regions', atDeadline: { event: 'missed' } },
    sent: { awaits: 'receivers, until it is closed' },
    received: { awaits: 'nothing', terminal: true },
    cancelled: { awaits: 'nothing', terminal: true },
    expired: { awaits: 'nothing', terminal: true },
  },
  transitions: {
    opened: { from: [], to: 'pending', because: 'ordered' },
    accepted: { from: [], to: 'paid', because: 'ordered on a channel that costs nothing' },
    paid: { from: ['pending'], to: 'paid', because: 'paid bids reach the minimum' },
    expired: { from: ['pending'], to: 'expired', because: 'its last open invoice expired' },
    cancelled: { from: ['pending', 'paid'], to: 'cancelled', because: 'its customer cancels' },
    started: {
      from: ['paid'],
      to: 'transmitting',
      because: 'highest bid when the channel was free',
    },
    tx_confirmed: {
      from: ['transmitting'],
      to: 'confirming',
      because: 'first new region confirmed sending: the channel is free',
    },
    timed_out: {
      from: ['transmitting'],
      to: 'confirming',
      because: 'no region confirmed in time: the channel is free',
    },
    missed: {
      from: ['confirming'],
      to: 'confirming',
      because: 'the other regions did not confirm in time: to be sent again',
    },
    restarted: {
      from: ['confirming'],
      to: 'transmitting',
      because: 'sent again to the missing regions when the channel was free',
    },
    gave_up: {
      from: ['transmitting', 'confirming'],
      to: 'confirming',
      because: 'sent as often as it may be: only confirmations are still taken',
    },
    sent: {
      from: ['transmitting', 'confirming'],
      to: 'sent',
      because: 'every ordered region confirmed sending, or is presumed to have sent',
    },
    closed: {
      from: ['confirming', 'sent'],
      to: 'sent',
      because: 'confirmations had their time: nothing more is waited for',
    },
    received: {
      from: ['transmitting', 'confirming', 'sent'],
      to: 'received',
      because: 'every monitored ordered region confirmed receiving',
    },
  },
});

export type OrderState = keyof typeof orderMachine.states;
export type OrderEvent = keyof typeof orderMachine.transitions;

/** Whether its workflow still has deadlines to keep. After `sent`, receivers confirm or do not: no deadline depends on it. */
export function orderNeedsWorkflow(state: OrderState): boolean {
  return ['pending', 'paid', 'transmitting', 'confirming'].includes(state);
}
