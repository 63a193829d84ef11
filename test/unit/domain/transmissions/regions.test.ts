import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ALL_REGIONS,
  bitsToRegions,
  isMonitored,
  missingRegions,
  MONITORED_REGIONS,
  REGION_NUMBERS,
  regionsToBits,
} from '../../../../domain/transmissions/regions.js';

const subset = fc.subarray([...REGION_NUMBERS]);

describe('regions', () => {
  it.each([
    [[0, 2, 4], 21],
    [[1, 3, 5], 42],
    [[0, 1, 2, 3, 4, 5], 63],
    [[5, 0, 5], 33],
  ])('%j are the bits %i', (numbers, bits) => {
    expect(regionsToBits(numbers)).toBe(bits);
  });

  it('come back as they went in', () => {
    fc.assert(
      fc.property(subset, (numbers) => {
        expect(bitsToRegions(regionsToBits(numbers))).toEqual(numbers);
      }),
    );
  });

  it('are missing when ordered and not confirmed', () => {
    fc.assert(
      fc.property(subset, subset, (ordered, confirmed) => {
        const missing = missingRegions(regionsToBits(ordered), regionsToBits(confirmed));
        expect(bitsToRegions(missing)).toEqual(ordered.filter((one) => !confirmed.includes(one)));
      }),
    );
  });

  it('are monitored where there is a receiver', () => {
    expect(REGION_NUMBERS.filter(isMonitored)).toEqual([0, 1, 4, 5]);
    expect(bitsToRegions(MONITORED_REGIONS)).toEqual([0, 1, 4, 5]);
    expect(ALL_REGIONS).toBe(63);
  });
});
