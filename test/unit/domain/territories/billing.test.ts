import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addDays,
  type Billing,
  BILLINGS,
  GRACE_DAYS,
  periodEnd,
  priceOfChange,
  PRICES,
  purchased,
} from '../../../../domain/territories/billing.js';
import { territoryStep } from '../../../../domain/territories/step.js';

const at = (text: string): Date => new Date(text);
const instant = fc.date({
  min: at('1990-01-01T00:00:00Z'),
  max: at('2200-01-01T00:00:00Z'),
  noInvalidDate: true,
});
const recurring = fc.constantFrom<Exclude<Billing, 'ONCE'>>('MONTHLY', 'YEARLY');

describe('the rule of dates', () => {
  it.each([
    ['2025-01-31T10:20:30.400Z', 'MONTHLY', 31, '2025-02-28T10:20:30.400Z'],
    ['2024-01-31T00:00:00Z', 'MONTHLY', 31, '2024-02-29T00:00:00Z'],
    ['2025-02-28T00:00:00Z', 'MONTHLY', 31, '2025-03-31T00:00:00Z'],
    ['2025-12-15T23:59:59Z', 'MONTHLY', 15, '2026-01-15T23:59:59Z'],
    ['2024-02-29T00:00:00Z', 'YEARLY', 29, '2025-02-28T00:00:00Z'],
    ['2027-02-28T00:00:00Z', 'YEARLY', 29, '2028-02-29T00:00:00Z'],
  ] as const)('%s, %s, from the %i. on: until %s', (from, billing, anchor, until) => {
    expect(periodEnd(billing, at(from), anchor)?.toISOString()).toBe(at(until).toISOString());
  });

  it('any number of months ends where they are counted at once, and loses no day', () => {
    fc.assert(
      fc.property(instant, fc.integer({ min: 1, max: 60 }), (from, months) => {
        const anchor = from.getUTCDate();
        let end = from;
        for (let n = 0; n < months; n += 1) {
          const next = periodEnd('MONTHLY', end, anchor) ?? end;
          expect(next.getTime()).toBeGreaterThan(end.getTime());
          const days = (next.getTime() - end.getTime()) / 86_400_000;
          expect(days).toBeGreaterThanOrEqual(28);
          expect(days).toBeLessThanOrEqual(31);
          end = next;
        }
        const month = from.getUTCFullYear() * 12 + from.getUTCMonth() + months;
        expect(end.getUTCFullYear() * 12 + end.getUTCMonth()).toBe(month);
        const last = new Date(Date.UTC(0, month + 1, 0)).getUTCDate();
        expect(end.getUTCDate()).toBe(Math.min(anchor, last));
        expect(end.getTime() % 86_400_000).toBe(from.getTime() % 86_400_000);
      }),
    );
  });

  it('what is bought once is for ever', () => {
    expect(periodEnd('ONCE', at('2025-01-31T00:00:00Z'), 31)).toBeNull();
  });
});

describe('the price of a change', () => {
  it('is the difference to what was bought, and never negative', () => {
    fc.assert(
      fc.property(
        instant,
        recurring,
        fc.constantFrom(...BILLINGS),
        fc.constantFrom(...BILLINGS),
        (billedAt, boughtAs, billing, to) => {
          const paidUntil =
            billing === 'ONCE' ? null : periodEnd(boughtAs, billedAt, billedAt.getUTCDate());
          const price = priceOfChange({ billing, billedAt, paidUntil }, to);
          expect(price).toBeGreaterThanOrEqual(0n);
          if (billing === 'ONCE' || to === billing) expect(price).toBe(0n);
          else if (PRICES[to] > PRICES[boughtAs]) expect(price).toBe(PRICES[to] - PRICES[boughtAs]);
          if (paidUntil !== null)
            expect(purchased({ billing, billedAt, paidUntil })).toBe(boughtAs);
        },
      ),
    );
  });

  it('of a year to a month is nothing: no credits come back', () => {
    const year = { billedAt: at('2025-01-31T00:00:00Z'), paidUntil: at('2026-01-31T00:00:00Z') };
    expect(priceOfChange({ ...year, billing: 'YEARLY' }, 'MONTHLY')).toBe(0n);
    // And back again, which was paid for.
    expect(priceOfChange({ ...year, billing: 'MONTHLY' }, 'YEARLY')).toBe(0n);
  });
});

describe('a territory’s step', () => {
  const paidUntil = at('2026-01-01T00:00:00Z');
  const step = (
    state: 'ACTIVE' | 'GRACE',
    days: number,
    autoRenew: boolean,
    dueAt: Date | null = paidUntil,
  ) => territoryStep({ state, autoRenew, paidUntil, dueAt, now: addDays(paidUntil, days) });

  it('waits, renews, then stops', () => {
    expect(step('ACTIVE', -1, true)).toEqual({ do: 'wait', until: paidUntil });
    expect(step('ACTIVE', 0, true)).toEqual({ do: 'renew' });
    expect(step('ACTIVE', 0, false)).toEqual({ do: 'unpaid' });
    expect(step('GRACE', 1, true)).toEqual({ do: 'renew' });
    expect(step('GRACE', 1, true, addDays(paidUntil, 2))).toEqual({
      do: 'wait',
      until: addDays(paidUntil, 2),
    });
    expect(step('GRACE', 1, false)).toEqual({ do: 'wait', until: addDays(paidUntil, GRACE_DAYS) });
    expect(step('GRACE', GRACE_DAYS, true)).toEqual({ do: 'stopped' });
    // Nobody has looked for long: a renewal is tried first.
    expect(step('ACTIVE', 100, true)).toEqual({ do: 'renew' });
  });
});
