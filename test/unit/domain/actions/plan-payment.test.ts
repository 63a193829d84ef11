import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type PaymentMethod,
  type PaymentRequest,
  planPayment,
  type PaymentPlan,
  spendingOf,
} from '../../../../domain/actions/plan-payment.js';
import { satsToMsat, toMsat } from '../../../../domain/money.js';
import { Refusal } from '../../../../domain/refusal.js';

/** Often near each other and near whole sats: that is where the rules meet. */
const msat = fc
  .oneof(
    fc.bigInt(0n, 5_000n),
    fc.bigInt(0n, 1_000_000_000_000_000n),
    fc.bigInt(0n, 40n).map((sats) => sats * 1000n),
  )
  .map(toMsat);
const cost = fc
  .oneof(fc.bigInt(1n, 6n), fc.bigInt(1n, 1_000_000_000_000n))
  .map((sats) => satsToMsat(sats));
const balances = fc.record({ creditsMsat: msat, satsMsat: msat });

const ALL: readonly PaymentMethod[] = ['credits', 'sats', 'optimistic', 'pessimistic'];
const requests: fc.Arbitrary<PaymentRequest> = fc.record({
  payment: fc.constantFrom('auto', 'credits', 'invoice'),
  methods: fc.shuffledSubarray([...ALL]),
  costMsat: cost,
  balances: fc.option(balances, { nil: undefined }),
});

function planOrRefusal(request: PaymentRequest): PaymentPlan | string {
  try {
    return planPayment(request);
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
}

const RUNS = { numRuns: 2_000 };

describe('spendingOf', () => {
  it('spends parts that sum to the cost, of which none is negative or above its balance', () => {
    fc.assert(
      fc.property(balances, cost, (has, costMsat) => {
        const { creditsMsat, satsMsat, invoiceMsat } = spendingOf(has, costMsat);
        expect(creditsMsat + satsMsat + invoiceMsat).toBe(costMsat);
        for (const part of [creditsMsat, satsMsat, invoiceMsat]) expect(part >= 0n).toBe(true);
        expect(creditsMsat <= has.creditsMsat && satsMsat <= has.satsMsat).toBe(true);
      }),
      RUNS,
    );
  });

  it('asks for whole sats, for less than the sum of both would cover by less than two sats', () => {
    fc.assert(
      fc.property(balances, cost, (has, costMsat) => {
        const { invoiceMsat } = spendingOf(has, costMsat);
        expect(invoiceMsat % 1000n).toBe(0n);
        const missing = costMsat - has.creditsMsat - has.satsMsat;
        if (missing > 0n) expect(invoiceMsat - missing < 2_000n).toBe(true);
      }),
      RUNS,
    );
  });

  it('asks for nothing exactly when the balance covers the cost', () => {
    fc.assert(
      fc.property(balances, cost, (has, costMsat) => {
        const covered = has.creditsMsat + has.satsMsat >= costMsat;
        expect(spendingOf(has, costMsat).invoiceMsat === 0n).toBe(covered);
      }),
      RUNS,
    );
  });

  it('spends credits before sats: sats only where no whole credits are left, or to make the rest whole', () => {
    fc.assert(
      fc.property(balances, cost, (has, costMsat) => {
        const { creditsMsat, satsMsat } = spendingOf(has, costMsat);
        if (satsMsat === 0n) return;
        const left = has.creditsMsat - creditsMsat;
        expect(left < 1_000n || creditsMsat === costMsat).toBe(true);
      }),
      RUNS,
    );
  });

  it('never spends less when there is more', () => {
    fc.assert(
      fc.property(balances, msat, cost, (has, more, costMsat) => {
        const before = spendingOf(has, costMsat).invoiceMsat;
        const richer = { ...has, satsMsat: toMsat(has.satsMsat + more) };
        expect(spendingOf(richer, costMsat).invoiceMsat <= before).toBe(true);
      }),
      RUNS,
    );
  });

  // The three rules of the peer (facts 4.3), one example each.
  it.each<readonly [string, bigint, bigint, bigint, readonly [bigint, bigint, bigint]]>([
    ['all by balance', 700n, 300n, 1_000n, [700n, 300n, 0n]],
    [
      'all credits, the piece and whole sats',
      12_345n,
      1_999n,
      100_000n,
      [12_345n, 1_655n, 86_000n],
    ],
    ['only whole sats of each', 1_700n, 100n, 5_000n, [1_000n, 0n, 4_000n]],
  ])('%s', (_, credits, sats, price, parts) => {
    const has = { creditsMsat: toMsat(credits), satsMsat: toMsat(sats) };
    const { creditsMsat, satsMsat, invoiceMsat } = spendingOf(has, toMsat(price));
    expect([creditsMsat, satsMsat, invoiceMsat]).toEqual(parts);
  });
});

describe('planPayment', () => {
  it('takes nothing that the request or its type does not allow', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const plan = planOrRefusal(request);
        if (typeof plan === 'string') return;
        const { payment, methods, balances: has } = request;
        const mayUse = (method: PaymentMethod): boolean =>
          payment !== 'invoice' && has !== undefined && methods.includes(method);
        if (!mayUse('credits')) expect(plan.creditsMsat).toBe(0n);
        if (!mayUse('sats')) expect(plan.satsMsat).toBe(0n);
        expect(plan.creditsMsat + plan.satsMsat + plan.invoiceMsat).toBe(request.costMsat);
      }),
      RUNS,
    );
  });

  it('chooses the flow: by balance where that covers it, else the first way by invoice that is possible', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const plan = planOrRefusal(request);
        if (typeof plan === 'string') return;
        if (plan.invoiceMsat === 0n) {
          expect(plan.flow).toBe('credits');
          return;
        }
        expect(request.payment).not.toBe('credits');
        const ways = request.methods.filter(
          (method) => method === 'pessimistic' || method === 'optimistic',
        );
        // Nobody without an account performs first: there would be nobody to show it to.
        expect(plan.flow).toBe(
          ways.find((way) => way === 'pessimistic' || request.balances !== undefined),
        );
      }),
      RUNS,
    );
  });

  it('refuses only what cannot be paid', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const refusal = planOrRefusal(request);
        if (typeof refusal !== 'string') return;
        const { payment, methods, balances: has, costMsat } = request;
        const usable = toMsat(
          (methods.includes('credits') ? (has?.creditsMsat ?? 0n) : 0n) +
            (methods.includes('sats') ? (has?.satsMsat ?? 0n) : 0n),
        );
        const covered = payment !== 'invoice' && usable >= costMsat;
        expect(covered).toBe(false);
        if (refusal === 'action.insufficient_credits') {
          expect(payment).toBe('credits');
          return;
        }
        const byInvoice = methods.some(
          (way) => way === 'pessimistic' || (way === 'optimistic' && has !== undefined),
        );
        expect(payment === 'credits' || !byInvoice).toBe(true);
      }),
      RUNS,
    );
  });

  it('does not depend on the order in which balances are named: credits go first', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const methods = [...request.methods].reverse();
        const both = [planOrRefusal(request), planOrRefusal({ ...request, methods })];
        const spent = both.map((plan) =>
          typeof plan === 'string' ? plan : [plan.creditsMsat, plan.satsMsat, plan.invoiceMsat],
        );
        expect(spent[0]).toEqual(spent[1]);
      }),
      RUNS,
    );
  });
});
