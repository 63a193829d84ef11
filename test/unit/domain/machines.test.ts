import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attemptMachine } from '../../../domain/actions/machine.js';
import { invoiceMachine } from '../../../domain/invoices/machine.js';
import { isTerminal, type Machine, nextState, statesOf } from '../../../domain/machine.js';
import { territoryMachine } from '../../../domain/territories/machine.js';
import { orderMachine } from '../../../domain/transmissions/machine.js';

const machines: readonly Machine<string, string>[] = [
  attemptMachine,
  invoiceMachine,
  orderMachine,
  territoryMachine,
];

describe.each(machines.map((machine) => [machine.name, machine] as const))(
  '%s',
  (_name, machine) => {
    const events = Object.keys(machine.transitions);

    it('names only states it has', () => {
      for (const { from, to } of Object.values(machine.transitions)) {
        expect(statesOf(machine)).toEqual(expect.arrayContaining([...from, to]));
      }
    });

    it('never leaves a terminal state', () => {
      for (const event of events) {
        for (const state of statesOf(machine).filter((each) => isTerminal(machine, each))) {
          // The node may have taken the money of an invoice that it had canceled.
          if (machine === invoiceMachine && state === 'canceled' && event === 'settled') continue;
          expect(nextState(machine, state, event)).toBeUndefined();
        }
      }
    });

    it('reaches every state, and from every state a terminal one', () => {
      const after = (state: string | null): string[] =>
        events.flatMap((event) => nextState(machine, state, event) ?? []);
      const reachable = (from: readonly string[]): Set<string> => {
        const seen = new Set(from);
        for (const state of seen) for (const next of after(state)) seen.add(next);
        return seen;
      };
      expect([...reachable(after(null))].sort()).toEqual(statesOf(machine).sort());
      // A territory may always be unarchived.
      const ending = machine === territoryMachine ? [] : statesOf(machine);
      for (const state of ending) {
        expect([...reachable([state])].some((end) => isTerminal(machine, end))).toBe(true);
      }
    });

    it('any sequence of events ends in at most one terminal state', () => {
      fc.assert(
        fc.property(fc.array(fc.constantFrom(...events), { maxLength: 60 }), (sequence) => {
          let state: string | null = null;
          let ended = 0;
          for (const event of sequence) {
            const next: string | undefined = nextState(machine, state, event);
            if (next === undefined) continue;
            // An invoice that was canceled may be found settled.
            if (isTerminal(machine, next) && state !== 'canceled') ended += 1;
            state = next;
          }
          expect(ended).toBeLessThanOrEqual(1);
        }),
      );
    });
  },
);
