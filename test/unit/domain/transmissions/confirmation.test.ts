import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTerminal, nextState } from '../../../../domain/machine.js';
import {
  eventForConfirmation,
  isReceived,
  isSent,
} from '../../../../domain/transmissions/confirmation.js';
import { statesOf } from '../../../../domain/machine.js';
import { orderMachine, type OrderState } from '../../../../domain/transmissions/machine.js';
import { regionsToBits } from '../../../../domain/transmissions/regions.js';

const cover = (ordered: number[], tx: number[], rx: number[] = []) => ({
  ordered: regionsToBits(ordered),
  tx: regionsToBits(tx),
  rx: regionsToBits(rx),
});

describe('confirmations', () => {
  it('send an order when every ordered region has confirmed sending', () => {
    expect(isSent(cover([0, 2], [0]))).toBe(false);
    expect(isSent(cover([0, 2], [0, 2]))).toBe(true);
    expect(isSent(cover([0, 2], [0, 2, 5]))).toBe(true);
  });

  it('are received when every monitored ordered region has confirmed receiving', () => {
    expect(isReceived(cover([0, 1, 2, 3, 4, 5], [], [0, 1, 4]))).toBe(false);
    expect(isReceived(cover([0, 1, 2, 3, 4, 5], [], [0, 1, 4, 5]))).toBe(true);
    expect(isReceived(cover([2, 3], []))).toBe(true);
  });

  it.each<[string, OrderState, 'tx' | 'rx', ReturnType<typeof cover>, string | undefined]>([
    ['the first region', 'transmitting', 'tx', cover([0, 1], [0]), 'tx_confirmed'],
    ['a region not asked for', 'transmitting', 'tx', cover([0, 1], [3]), 'tx_confirmed'],
    ['a further region', 'confirming', 'tx', cover([0, 1, 4], [0, 1]), undefined],
    ['the last region', 'confirming', 'tx', cover([0, 1], [0, 1]), 'sent'],
    ['the only region', 'transmitting', 'tx', cover([0], [0]), 'sent'],
    ['one receiver', 'transmitting', 'rx', cover([0, 1], [], [0]), undefined],
    ['all receivers, no host', 'transmitting', 'rx', cover([0, 1], [], [0, 1]), 'received'],
    ['all receivers, later', 'sent', 'rx', cover([0, 1], [0, 1], [0, 1]), 'received'],
    ['regions without receivers', 'transmitting', 'tx', cover([2, 3], [2]), 'received'],
    ['anything after the end', 'received', 'tx', cover([0], [0], [0]), undefined],
  ])('%s, %s, %s', (_what, state, kind, coverage, event) => {
    expect(eventForConfirmation(state, kind, coverage)).toBe(event);
  });

  it('only lead where the machine allows', () => {
    const bits = fc.integer({ min: 0, max: 63 });
    const confirmed = fc.record({ ordered: fc.integer({ min: 1, max: 63 }), tx: bits, rx: bits });
    fc.assert(
      fc.property(
        fc.constantFrom(...statesOf(orderMachine)),
        fc.constantFrom('tx' as const, 'rx' as const),
        confirmed,
        (state, kind, coverage) => {
          const event = eventForConfirmation(state, kind, coverage);
          if (event === undefined) return;
          expect(isTerminal(orderMachine, state)).toBe(false);
          expect(nextState(orderMachine, state, event)).toBeDefined();
        },
      ),
    );
  });
});
