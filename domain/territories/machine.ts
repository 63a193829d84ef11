import { defineMachine } from '../machine.js';

/** One territory, from its first payment on. */
export const territoryMachine = defineMachine({
  name: 'territory',
  states: {
    ACTIVE: { awaits: 'the end of what is paid for', atDeadline: { event: 'unpaid' } },
    GRACE: { awaits: 'its payment, until the grace ends', atDeadline: { event: 'stopped' } },
    // Unarchived by whoever pays for it: not the end, but nothing to wait for.
    STOPPED: { awaits: 'nothing' },
  },
  transitions: {
    created: { from: [], to: 'ACTIVE', because: 'its first period is paid' },
    billed: { from: ['ACTIVE', 'GRACE'], to: 'ACTIVE', because: 'its next period is paid' },
    unpaid: { from: ['ACTIVE'], to: 'GRACE', because: 'what was paid for has ended' },
    stopped: { from: ['GRACE'], to: 'STOPPED', because: 'nobody paid within the grace' },
    unarchived: { from: ['STOPPED'], to: 'ACTIVE', because: 'somebody pays for it again' },
  },
});

export type TerritoryState = keyof typeof territoryMachine.states;
export type TerritoryEvent = keyof typeof territoryMachine.transitions;
