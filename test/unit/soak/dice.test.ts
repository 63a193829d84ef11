import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { faultsSchema } from '../../../adapters/lightning/simulator-client/faults.js';
import { Dice } from '../../soak/chaos/dice.js';
import { troubledNode } from '../../soak/chaos/faults.js';

const seeds = fc.integer({ min: 0, max: 0xffff_ffff });

describe('dice', () => {
  it('fall the same for the same seed, and within their bounds', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: -5, max: 5 }), fc.nat(20), (seed, least, more) => {
        const throws = (): number[] => {
          const dice = new Dice(seed);
          return Array.from({ length: 20 }, () => dice.between(least, least + more));
        };
        expect(throws()).toEqual(throws());
        for (const n of throws()) {
          expect(n).toBeGreaterThanOrEqual(least);
          expect(n).toBeLessThanOrEqual(least + more);
        }
      }),
    );
  });

  it('never pick what has no weight', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const options = [
          [0, 'never'],
          [3, 'often'],
          [1, 'seldom'],
        ] as const;
        expect(new Dice(seed).weighted<string>(options)).not.toBe('never');
      }),
    );
  });
});

describe('a node in trouble', () => {
  it('is the same for the same seed, and one that the simulator takes', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const faults = troubledNode(new Dice(seed));
        expect(troubledNode(new Dice(seed))).toEqual(faults);
        expect(() => faultsSchema.parse(faults)).not.toThrow();
      }),
    );
  });
});
