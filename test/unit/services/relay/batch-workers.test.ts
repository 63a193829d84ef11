import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BatchWorkers } from '../../../../services/relay/consumer/batch-workers.js';

/** BatchWorkers whose work ends when it is told to. */
function held(
  lanes: number,
  most: number,
): {
  readonly lanes: BatchWorkers<number>;
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
  return { lanes: new BatchWorkers(lanes, most, work), begun, endNext };
}

describe('lanes', () => {
  it('take alone what comes to a free one, and together what has come meanwhile', async () => {
    const { lanes, begun, endNext } = held(2, 3);
    for (const n of [1, 2, 3, 4, 5, 6]) lanes.add(n);
    expect(begun).toEqual([[1], [2]]);
    expect(lanes.full).toBe(true);
    await endNext();
    expect(begun).toEqual([[1], [2], [3, 4, 5]]);
    expect(lanes.full).toBe(false);
    await endNext();
    expect(begun).toEqual([[1], [2], [3, 4, 5], [6]]);
  });

  it('give back what was not begun', async () => {
    const { lanes, begun, endNext } = held(1, 3);
    for (const n of [1, 2, 3]) lanes.add(n);
    expect(lanes.clear()).toEqual([2, 3]);
    await endNext();
    expect(begun).toEqual([[1]]);
  });

  it('do everything once and in its order, never more than they may', async () => {
    const sizes = fc.record({
      lanes: fc.integer({ min: 1, max: 4 }),
      most: fc.integer({ min: 1, max: 5 }),
      items: fc.nat(40),
    });
    await fc.assert(
      fc.asyncProperty(sizes, async ({ lanes: count, most, items }) => {
        const { lanes, begun, endNext } = held(count, most);
        const all = Array.from({ length: items }, (_, n) => n);
        for (const n of all) lanes.add(n);
        expect(begun.length).toBeLessThanOrEqual(count);
        for (let ended = 0; ended < items; ended += 1) await endNext();
        expect(begun.flat()).toEqual(all);
        expect(begun.every((each) => each.length > 0 && each.length <= most)).toBe(true);
      }),
    );
  });
});
