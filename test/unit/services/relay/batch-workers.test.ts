import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BatchWorkers } from '../../../../services/relay/consumer/batch-workers.js';

/** BatchWorkers whose work ends on request. */
function held(
  count: number,
  batchSize: number,
): {
  readonly workers: BatchWorkers<number>;
  readonly begun: (readonly number[])[];
  readonly endNext: () => Promise<void>;
} {
  const begun: (readonly number[])[] = [];
  const ends: (() => void)[] = [];
  const work = (items: readonly number[]): Promise<void> => {
    begun.push(items);
    return new Promise((resolve) => ends.push(resolve));
  };
  const endNext = async (): Promise<void> => {
    ends.shift()?.();
    await new Promise(setImmediate);
  };
  return { workers: new BatchWorkers(count, batchSize, work), begun, endNext };
}

describe('batch workers', () => {
  it('take a single item when one is free, and a batch of those that wait when none was', async () => {
    const { workers, begun, endNext } = held(2, 3);
    for (const n of [1, 2, 3, 4, 5, 6]) workers.add(n);
    expect(begun).toEqual([[1], [2]]);
    expect(workers.full).toBe(true);
    await endNext();
    expect(begun).toEqual([[1], [2], [3, 4, 5]]);
    expect(workers.full).toBe(false);
    await endNext();
    expect(begun).toEqual([[1], [2], [3, 4, 5], [6]]);
  });

  it('return the items that none has taken', async () => {
    const { workers, begun, endNext } = held(1, 3);
    for (const n of [1, 2, 3]) workers.add(n);
    expect(workers.clear()).toEqual([2, 3]);
    await endNext();
    expect(begun).toEqual([[1]]);
  });

  it('handle every item once and in order, never more at a time than allowed', async () => {
    const sizes = fc.record({
      count: fc.integer({ min: 1, max: 4 }),
      batchSize: fc.integer({ min: 1, max: 5 }),
      items: fc.nat(40),
    });
    await fc.assert(
      fc.asyncProperty(sizes, async ({ count, batchSize, items }) => {
        const { workers, begun, endNext } = held(count, batchSize);
        const all = Array.from({ length: items }, (_, n) => n);
        for (const n of all) workers.add(n);
        expect(begun.length).toBeLessThanOrEqual(count);
        for (let ended = 0; ended < items; ended += 1) await endNext();
        expect(begun.flat()).toEqual(all);
        expect(begun.every((each) => each.length > 0 && each.length <= batchSize)).toBe(true);
      }),
    );
  });
});
