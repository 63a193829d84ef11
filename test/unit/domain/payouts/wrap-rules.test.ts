import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Msat, toMsat } from '../../../../domain/money.js';
import {
  forwardFeeBudget,
  trueUp,
  withdrawalFeeBudget,
} from '../../../../domain/payouts/fee-budget.js';
import {
  forwardHeight,
  type PayeeInvoice,
  refuseMinted,
  wrapDelta,
  wrappedExpirySeconds,
} from '../../../../domain/payouts/wrap-rules.js';

const NOW = new Date('2026-01-01T00:00:00Z');
const seconds = (n: number): Date => new Date(NOW.getTime() + n * 1000);

function invoice(over: Partial<PayeeInvoice> = {}): PayeeInvoice {
  return {
    amountMsat: toMsat(70_000n),
    expiresAt: seconds(600),
    features: [8, 14, 17],
    minFinalCltv: 40,
    ...over,
  };
}

describe('what a wallet minted', () => {
  it.each<[string, Partial<PayeeInvoice>, bigint, string | undefined]>([
    ['exact', {}, 70_000n, undefined],
    ['floored to a sat', { amountMsat: toMsat(70_000n) }, 70_999n, undefined],
    ['a sat less', { amountMsat: toMsat(69_000n) }, 70_000n, undefined],
    ['a msat less than that', { amountMsat: toMsat(68_999n) }, 70_000n, 'amount_too_low'],
    ['a msat below the sat', { amountMsat: toMsat(69_999n) }, 70_500n, undefined],
    ['a msat more', { amountMsat: toMsat(70_001n) }, 70_000n, 'amount_too_high'],
    ['the least', { amountMsat: toMsat(700n) }, 700n, undefined],
    ['below the least', { amountMsat: toMsat(699n) }, 699n, 'amount_out_of_range'],
    ['the most', { amountMsat: toMsat(700_000_000n) }, 700_000_000n, undefined],
    ['above the most', { amountMsat: toMsat(700_000_001n) }, 700_000_001n, 'amount_out_of_range'],
    ['an unknown feature', { features: [8, 30] }, 70_000n, 'feature_unknown'],
    ['a second for the payer', { expiresAt: seconds(121) }, 70_000n, undefined],
    ['none', { expiresAt: seconds(120) }, 70_000n, 'expiry_too_short'],
  ])('%s', (_, over, asked, refusal) => {
    expect(refuseMinted(invoice(over), toMsat(asked), NOW)).toBe(refusal);
  });

  it('without an amount is refused', () => {
    const any: { amountMsat?: Msat } & Omit<ReturnType<typeof invoice>, 'amountMsat'> = invoice();
    delete any.amountMsat;
    expect(refuseMinted(any, toMsat(1000n), NOW)).toBe('amount_missing');
  });
});

describe('the wrapped invoice', () => {
  it('ends 120 s before the payee’s, and after 480 s at most', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000 }), (life) => {
        const lasts = wrappedExpirySeconds(invoice({ expiresAt: seconds(life) }), NOW);
        expect(lasts).toBe(Math.min(480, life - 120));
      }),
    );
  });

  it.each([
    ['the budget', 3_000n, 140, { minFinalCltv: 121 }],
    ['a msat above it', 3_001n, 140, { refused: 'fee_too_high' }],
    ['the longest', 0n, 1_019, { minFinalCltv: 1000 }],
    ['a block longer', 0n, 1_020, { refused: 'cltv_too_long' }],
    ['a block less than the payee needs', 0n, 139, { refused: 'cltv_too_short' }],
  ])('%s', (_, fee, expiryHeight, delta) => {
    const route = { feeMsat: toMsat(fee), expiryHeight, height: 100 };
    expect(wrapDelta(invoice(), toMsat(70_000n), route)).toEqual(delta);
  });

  it('needs a route', () => {
    expect(wrapDelta(invoice(), toMsat(1n), undefined)).toEqual({ refused: 'no_route' });
  });
});

describe('forwarding', () => {
  const held = {
    expiryHeight: 324,
    height: 200,
    payeeDelta: 40,
    payeeExpiresAt: seconds(30),
    now: NOW,
  };

  it('keeps 80 blocks, and leaves the payee more than its delta and three: to the block', () => {
    expect(forwardHeight(held)).toBe(244);
    expect(forwardHeight({ ...held, height: 201 })).toBeUndefined();
    expect(forwardHeight({ ...held, expiryHeight: 323 })).toBeUndefined();
    expect(forwardHeight({ ...held, payeeDelta: 41 })).toBeUndefined();
  });

  it('does not begin when the payee’s invoice ends within 30 s', () => {
    expect(forwardHeight({ ...held, now: new Date(NOW.getTime() + 1) })).toBeUndefined();
  });

  it('is possible for whatever was wrapped and is held at once', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 18, max: 200 }),
        fc.nat(800),
        fc.integer({ min: 3, max: 1_000_000 }),
        (payeeDelta, hops, height) => {
          const route = {
            feeMsat: toMsat(0n),
            expiryHeight: height + payeeDelta + 3 + hops,
            height,
          };
          const wrap = wrapDelta({ minFinalCltv: payeeDelta }, toMsat(1n), route);
          if ('refused' in wrap) return;
          const expiryHeight = height + wrap.minFinalCltv;
          expect(forwardHeight({ ...held, expiryHeight, height, payeeDelta })).toBe(
            expiryHeight - 80,
          );
        },
      ),
    );
  });
});

describe('fees', () => {
  const msat = fc.bigInt({ min: 0n, max: 10_000_000_000n }).map(toMsat);

  it('what is left and what is above make up the difference', () => {
    fc.assert(
      fc.property(msat, msat, (budget: Msat, fee: Msat) => {
        const { leftMsat, excessMsat } = trueUp(budget, fee);
        expect(budget + excessMsat).toBe(fee + leftMsat);
        expect(leftMsat === 0n || excessMsat === 0n).toBe(true);
      }),
    );
  });

  it('have budgets', () => {
    expect(withdrawalFeeBudget(toMsat(1_000_000n))).toBe(10_000n);
    expect(withdrawalFeeBudget(toMsat(1_000_100n))).toBe(10_001n);
    expect(forwardFeeBudget(toMsat(70_000n))).toBe(3_000n);
    expect(forwardFeeBudget(toMsat(23n))).toBe(0n);
  });
});
