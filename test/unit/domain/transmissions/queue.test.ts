import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compareWaiting,
  nextToTransmit,
  type Waiting,
} from '../../../../domain/transmissions/queue.js';

const waiting: fc.Arbitrary<Waiting> = fc
  .record({
    id: fc.uuid(),
    state: fc.constantFrom('paid' as const, 'confirming' as const),
    bidPerByte: fc.integer({ min: 0, max: 4 }),
    retryCount: fc.integer({ min: 0, max: 3 }),
    createdAtMs: fc.integer({ min: 0, max: 3 }),
  })
  .map((one) => (one.state === 'paid' ? { ...one, retryCount: 0 } : one));

const queue = fc.uniqueArray(waiting, { selector: ({ id }) => id, minLength: 1, maxLength: 12 });

const withShuffled = (orders: Waiting[]) =>
  fc.tuple(fc.constant(orders), fc.shuffledSubarray(orders, { minLength: orders.length }));

describe('the queue of a line', () => {
  it('is a total order, whatever the sequence in which it is read', () => {
    fc.assert(
      fc.property(queue.chain(withShuffled), ([orders, shuffled]) => {
        expect(shuffled.sort(compareWaiting)).toEqual([...orders].sort(compareWaiting));
        for (const [a, b] of orders.slice(1).map((one, n) => [orders[n] ?? one, one] as const)) {
          expect(Math.sign(compareWaiting(a, b))).toBe(-Math.sign(compareWaiting(b, a)));
        }
      }),
    );
  });

  it('prefers a first transmission, then the highest bid', () => {
    fc.assert(
      fc.property(queue, (orders) => {
        const paid = orders.filter(({ state }) => state === 'paid');
        const next = nextToTransmit(orders);
        if (paid.length === 0) return;
        expect(next?.state).toBe('paid');
        expect(next?.bidPerByte).toBe(Math.max(...paid.map(({ bidPerByte }) => bidPerByte)));
      }),
    );
  });

  it('lets every repetition have its turn: nobody is tried twice more than another', () => {
    fc.assert(
      fc.property(queue, fc.integer({ min: 1, max: 40 }), (orders, turns) => {
        let line: Waiting[] = orders.map((order) => ({
          ...order,
          state: 'confirming',
          retryCount: 0,
        }));
        for (let turn = 0; turn < turns; turn += 1) {
          const next = nextToTransmit(line);
          line = line.map((one) =>
            one.id === next?.id ? { ...one, retryCount: one.retryCount + 1 } : one,
          );
        }
        const tries = line.map(({ retryCount }) => retryCount);
        expect(Math.max(...tries) - Math.min(...tries)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('is empty when nobody waits', () => {
    expect(nextToTransmit([])).toBeUndefined();
  });
});
