import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  businessClock,
  type Clock,
  wallClock,
} from '../../../../../domain/intake/business-clock.js';
import { officeHours } from '../../../../../domain/intake/opening-hours.js';
import { defaultThreshold, mayBeStuck } from '../../../../../domain/intake/thresholds/defaults.js';
import {
  type Before,
  learnThreshold,
  type LearnFrom,
} from '../../../../../domain/intake/thresholds/learn.js';
import { alertProbability, limitChange } from '../../../../../domain/intake/thresholds/limits.js';
import { findMassStall } from '../../../../../domain/intake/thresholds/mass-stall.js';
import { durationAt, type Stay } from '../../../../../domain/intake/thresholds/stay.js';
import { logNormalTime, storeHistory } from '../../../../support/store-history.js';

const FROM = new Date('2026-01-05T08:00:00Z');
const DAY = 86_400_000;
const business = businessClock(officeHours('Europe/Paris'));
const at = (days: number): Date => new Date(FROM.getTime() + days * DAY);

function history(time: (random: () => number) => number, clock: Clock, days = 40): Stay[] {
  return storeHistory({ seed: 7, time, clock, from: FROM, days });
}

function learn(stays: readonly Stay[], now: Date, more: Partial<LearnFrom> = {}) {
  return learnThreshold({ status: 'processing', stays, business, now, before: null, ...more });
}

const inForce = (since: Date): Before => ({
  ...{ clock: 'business', verifyHours: 2, alertHours: 4, since },
});

describe('learning', () => {
  it('is refused for few exits, a short history, or none; the default then holds', () => {
    const stays = history(logNormalTime, business);
    const usual = defaultThreshold('processing');
    const cases = [
      [learn([], at(40)), 'too_few_exits'],
      [
        learn(
          stays.map(({ enteredAt }) => ({ enteredAt, leftAt: null })),
          at(40),
        ),
        'too_few_exits',
      ],
      [learn(stays, at(6.9)), 'history_too_short'],
    ] as const;
    for (const [learned, reason] of cases) {
      expect(learned.refused).toBe(reason);
      expect(learned.alert).toMatchObject({ method: 'default', hours: usual.alertHours });
      expect(learned.verify.hours).toBe(usual.verifyHours);
    }
    expect(learn(stays, at(40)).refused).toBeNull();
  });

  it('knows nothing of what happens later', () => {
    const stays = history(logNormalTime, business);
    const known = stays
      .filter(({ enteredAt }) => enteredAt < at(20))
      .map((stay) =>
        stay.leftAt !== null && stay.leftAt > at(20) ? { ...stay, leftAt: null } : stay,
      );
    expect(learn(stays, at(20))).toEqual(learn(known, at(20)));
  });

  it('moves by half as much again in a day at most, and keeps the tiers in order', () => {
    const stays = history(logNormalTime, business);
    const learned = learn(stays, at(40), { before: inForce(at(39)) });
    expect(learned.verify.hours).toBeCloseTo(3, 9);
    expect(learned.alert.hours).toBeCloseTo(6, 9);
    fc.assert(
      fc.property(fc.double({ min: 1, max: 40, noNaN: true }), fc.nat(10), (wanted, days) => {
        const before = { hours: 10, hoursPerWeek: 40, since: at(0) };
        const hours = limitChange(wanted, business, before, at(days));
        expect(hours).toBeLessThanOrEqual(10 * 1.5 ** days + 1e-9);
        expect(hours).toBeGreaterThanOrEqual(10 / 1.5 ** days - 1e-9);
        if (wanted > 10) expect(hours).toBeLessThanOrEqual(wanted);
        else expect(hours).toBeGreaterThanOrEqual(wanted);
      }),
    );
  });

  it('takes the clock under which later stays were likelier', () => {
    const automatic = history((random) => 24 + random() * 0.2, wallClock);
    expect(learn(automatic, at(40)).clock).toBe('wall');
    expect(learn(automatic, at(40)).alert.hours).toBeLessThan(60);
    expect(learn(history(logNormalTime, business), at(40)).clock).toBe('business');
  });

  it('stops while many are stuck at once', () => {
    const stays = history(logNormalTime, business).filter(({ enteredAt }) => enteredAt < at(30));
    const stuck = (count: number): Stay[] =>
      Array.from({ length: count }, (_, n) => ({
        enteredAt: new Date(at(35).getTime() + n * 60_000),
        leftAt: null,
      }));
    const before = inForce(at(34));
    expect(learn([...stays, ...stuck(4)], at(39), { before }).frozen).toBe(false);
    const frozen = learn([...stays, ...stuck(5)], at(39), { before });
    expect(frozen).toMatchObject({ frozen: true, alert: { hours: 4, method: 'kept' } });
    expect(learn([...stays, ...stuck(5)], at(60), { before }).frozen).toBe(false);
  });
});

describe('parts of it', () => {
  it('a mass stall is five crossings within an hour', () => {
    const minutes = (...all: number[]): Date[] => all.map((one) => new Date(one * 60_000));
    const find = (...all: number[]) => findMassStall(minutes(...all), minutes(...all));
    expect(find(0, 20, 40, 59)).toBeUndefined();
    expect(find(0, 20, 40, 59, 61)).toBeUndefined();
    expect(find(500, 60, 0, 20, 40, 59)?.count).toBe(5);
    expect(find(-90, 0, 20, 40, 59, 60, 110)?.count).toBe(6);
  });

  it('five of the hundreds that came in over a weekend, and pass together, are no mass stall', () => {
    const monday = (count: number): Date[] => Array.from({ length: count }, () => at(0));
    expect(findMassStall(monday(5), monday(51))).toBeUndefined();
    expect(findMassStall(monday(5), monday(50))?.count).toBe(5);
    // The next one is.
    const later = Array.from({ length: 5 }, () => at(1));
    expect(findMassStall([...monday(5), ...later], [...monday(300), ...later])?.from).toEqual(
      at(1),
    );
  });

  it('does not stop learning where a few of very many take long, as always', () => {
    const stays = history(logNormalTime, business).filter(({ enteredAt }) => enteredAt < at(30));
    const together = (count: number, leftAt: Date | null): Stay[] =>
      Array.from({ length: count }, () => ({ enteredAt: at(35), leftAt }));
    const before = inForce(at(34));
    const many = [...stays, ...together(6, null), ...together(94, at(36))];
    expect(learn(many, at(39), { before }).frozen).toBe(false);
  });

  it('a budget of false alarms sets p, within bounds', () => {
    expect(alertProbability(50, 0.5)).toBeCloseTo(0.99, 9);
    expect(alertProbability(5, 0.5)).toBe(0.95);
    expect(alertProbability(5_000, 0.5)).toBe(0.995);
    expect(alertProbability(50, null)).toBe(0.99);
  });

  it('a stay past thirty days tells only that it was longer', () => {
    const month = { hours: 30 * 24, ended: false };
    expect(durationAt({ enteredAt: at(0), leftAt: at(31) }, wallClock, at(50))).toEqual(month);
    expect(durationAt({ enteredAt: at(0), leftAt: null }, wallClock, at(50))).toEqual(month);
    expect(durationAt({ enteredAt: at(0), leftAt: at(29) }, wallClock, at(50)).ended).toBe(true);
    expect(durationAt({ enteredAt: at(0), leftAt: at(29) }, wallClock, at(9)).hours).toBe(216);
  });

  it('drafts and final statuses are never stuck', () => {
    expect(['processing', 'pending', 'ready-for-pickup'].every(mayBeStuck)).toBe(true);
    expect(['checkout-draft', 'completed', 'failed'].some(mayBeStuck)).toBe(false);
    expect(defaultThreshold('pending')).toEqual({ clock: 'wall', verifyHours: 2, alertHours: 2 });
  });
});

describe('the tiers', () => {
  it('are in order, whatever was in force before', () => {
    const stays = history(logNormalTime, business);
    const hours = fc.double({ min: 1, max: 40, noNaN: true });
    fc.assert(
      fc.property(hours, hours, fc.integer({ min: 8, max: 39 }), (one, two, day) => {
        const [verifyHours, alertHours] = [Math.min(one, two), Math.max(one, two)];
        const before: Before = { clock: 'wall', verifyHours, alertHours, since: at(day - 1) };
        const { verify, alert } = learn(stays, at(day), { before });
        expect(alert.hours).toBeGreaterThanOrEqual(verify.hours);
      }),
      { numRuns: 20 },
    );
  });
});
