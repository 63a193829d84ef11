import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { itemCost } from '../../../../domain/items/cost.js';
import { divide, notReceived, zapReceivers } from '../../../../domain/items/shares.js';
import { satsToMsat, toMsat } from '../../../../domain/money.js';

const sats = fc.integer({ min: 1, max: 1_000_000 }).map((n) => satsToMsat(BigInt(n)));
const percents = fc
  .array(fc.integer({ min: 1, max: 100 }), { maxLength: 5 })
  .filter((all) => all.reduce((sum, one) => sum + one, 0) <= 100);

describe('the shares of a zap', () => {
  it('never exceed 70 %, and leave no more than a msat each to the pool beside its 30 %', () => {
    fc.assert(
      fc.property(sats, percents, (cost, all) => {
        const forwards = all.map((percent, n) => ({ accountId: `account ${n}`, percent }));
        const received = zapReceivers(cost, 'author', forwards);
        const sum = received.reduce((total, { amountMsat }) => total + amountMsat, 0n);
        const due = cost - notReceived(cost);
        expect(sum <= due && sum > due - BigInt(all.length + 1)).toBe(true);
        const amounts = received.map(({ amountMsat }) => amountMsat);
        expect(amounts.every((amount, n) => n === 0 || amount <= (amounts[n - 1] ?? 0n))).toBe(
          true,
        );
      }),
    );
  });

  it('of an author without an account are the pool’s', () => {
    expect(zapReceivers(satsToMsat(100n), null, [])).toEqual([]);
  });

  it('are divided in proportion, rounded down', () => {
    const parts = [2n, 1n].map((weight) => ({ to: weight, weight: toMsat(weight) }));
    expect(divide(toMsat(100n), parts).map(({ amountMsat }) => amountMsat)).toEqual([66n, 33n]);
    expect(divide(toMsat(100n), [])).toEqual([]);
  });
});

describe('the cost of an item', () => {
  it.each([
    [0n, 0, false, 0, 1_000n],
    [3_000n, 0, false, 0, 3_000n],
    [3_000n, 2, false, 5, 305_000n],
    [0n, 0, true, 0, 10_000n],
    [1_000n, 8, false, 0, 100_000_000_000n],
    [1_000n, 80, false, 0, 100_000_000_000n],
  ])(
    'base %d, %d before it, anonymous %s, boost %d: %d',
    (base, spam, anonymous, boostSats, cost) => {
      expect(itemCost({ baseMsat: toMsat(base), spam, anonymous, boostSats })).toBe(cost);
    },
  );
});
