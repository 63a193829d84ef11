import { defineMachine } from '../machine.js';

/** What the text of an item asks to be done later. */
export const itemTimerMachine = defineMachine({
  name: 'item-timer',
  states: {
    WAITING: { awaits: 'its time', atDeadline: { event: 'ran' } },
    DONE: { awaits: 'nothing', terminal: true },
    CANCELLED: { awaits: 'nothing', terminal: true },
  },
  transitions: {
    understood: { from: [], to: 'WAITING', because: 'the text that asks for it is paid' },
    ran: { from: ['WAITING'], to: 'DONE', because: 'its time has come' },
    cancelled: {
      from: ['WAITING'],
      to: 'CANCELLED',
      because: 'the text was changed, or its item deleted',
    },
  },
});

export type ItemTimerState = keyof typeof itemTimerMachine.states;
export type ItemTimerEvent = keyof typeof itemTimerMachine.transitions;
