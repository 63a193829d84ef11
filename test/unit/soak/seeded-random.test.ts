import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { faultsSchema } from '../../../adapters/lightning/simulator-client/faults.js';
import { randomNodeFaults } from '../../soak/chaos/node-faults.js';
import { SeededRandom } from '../../soak/chaos/seeded-random.js';

const seeds = fc.integer({ min: 0, max: 0xffff_ffff });

describe('seeded random choices', () => {
  it('are the same for the same seed, and within their bounds', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: -5, max: 5 }), fc.nat(20), (seed, least, more) => {
        const numbers = (): number[] => {
          const random = new SeededRandom(seed);
          return Array.from({ length: 20 }, () => random.between(least, least + more));
        };
        expect(numbers()).toEqual(numbers());
        for (const n of numbers()) {
          expect(n).toBeGreaterThanOrEqual(least);
          expect(n).toBeLessThanOrEqual(least + more);
        }
      }),
    );
  });

  it('never pick an option without weight', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const options = [
          [0, 'never'],
          [3, 'often'],
          [1, 'seldom'],
        ] as const;
        expect(new SeededRandom(seed).weighted<string>(options)).not.toBe('never');
      }),
    );
  });
});

describe('random node faults', () => {
  it('are the same for the same seed, and valid for the simulator', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const faults = randomNodeFaults(new SeededRandom(seed));
        expect(randomNodeFaults(new SeededRandom(seed))).toEqual(faults);
        expect(() => faultsSchema.parse(faults)).not.toThrow();
      }),
    );
  });
});
