import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_MSAT, satsToMsat, toMsat } from '../../../../domain/money.js';
import { amountWithin, excessOf } from '../../../../domain/payouts/auto-withdrawal.js';
import { withdrawalFeeBudget } from '../../../../domain/payouts/fee-budget.js';

describe('what is above a threshold', () => {
  it.each<[string, bigint, bigint, boolean]>([
    ['100 sats above nothing', 100_000n, 0n, true],
    ['a millisatoshi less', 99_999n, 0n, false],
    ['a tenth of the threshold', 2_200_000n, 2_000_000n, true],
    ['a millisatoshi less than a tenth', 2_199_999n, 2_000_000n, false],
    ['a tenth that is less than 100 sats', 1_050_000n, 500_000n, true],
    ['100 sats that are less than a tenth', 10_100_000n, 10_000_000n, false],
    ['exactly the threshold', 5_000_000n, 5_000_000n, false],
    ['less than the threshold', 1n, 5_000_000n, false],
    ['more than can be stated', 4n * MAX_MSAT, 0n, true],
  ])('leaves, or not: %s', (_, balanceMsat, thresholdMsat, leaves) => {
    expect(excessOf(balanceMsat, toMsat(thresholdMsat)) !== undefined).toBe(leaves);
  });

  it('covers the amount with its fee, and two sats more would not fit', () => {
    const excess = fc.bigInt({ min: 100_000n, max: 10n ** 15n }).map(toMsat);
    fc.assert(
      fc.property(excess, (excessMsat) => {
        const cost = (msat: bigint): bigint => msat + withdrawalFeeBudget(toMsat(msat));
        const amount = amountWithin(excessMsat);
        expect(amount % 1000n).toBe(0n);
        expect(amount).toBeGreaterThanOrEqual(satsToMsat(90n));
        expect(cost(amount)).toBeLessThanOrEqual(excessMsat);
        expect(cost(amount + 2000n)).toBeGreaterThan(excessMsat);
      }),
    );
  });
});
