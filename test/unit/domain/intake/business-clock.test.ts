import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import {
  afterHours,
  businessClock,
  hoursBetween,
  wallClock,
} from '../../../../domain/intake/business-clock.js';
import { officeHours, problemOf } from '../../../../domain/intake/opening-hours.js';
import { isOpen, oddTime, QUARTER_MS } from './opening-hours.helper.js';

const HOUR = 3_600_000;
const anyMs = fc.integer({ min: 0, max: 40 * 24 * HOUR });

describe('the business clock', () => {
  it('counts the quarters of an hour whose local time is within the opening hours', () => {
    fc.assert(
      fc.property(oddTime, fc.integer({ min: 0, max: 200 }), ({ hours, from }, quarters) => {
        const clock = businessClock(hours);
        let open = 0;
        for (let n = 0; n < quarters; n += 1) {
          const instant = new Date(from.getTime() + n * QUARTER_MS);
          const expected = isOpen(hours, instant);
          expect(clock.runsAt(instant)).toBe(expected);
          if (expected) open += 1;
        }
        const to = new Date(from.getTime() + quarters * QUARTER_MS);
        expect(clock.between(from, to)).toBe(open * QUARTER_MS);
      }),
      { numRuns: 60 },
    );
  });

  it('has run for exactly N milliseconds at the instant after N, and for fewer just before', () => {
    fc.assert(
      fc.property(oddTime, anyMs, fc.integer({ min: 0, max: HOUR }), ({ hours, from }, ms, odd) => {
        const clock = businessClock(hours);
        const start = new Date(from.getTime() + odd);
        const end = clock.after(start, ms);
        expect(clock.between(start, end)).toBe(ms);
        if (ms === 0) expect(end).toEqual(start);
        else expect(clock.between(start, new Date(end.getTime() - 1))).toBe(ms - 1);
      }),
    );
  });

  it('adds up, and stands still before the first instant', () => {
    fc.assert(
      fc.property(oddTime, anyMs, anyMs, ({ hours, from }, one, two) => {
        const clock = businessClock(hours);
        const middle = new Date(from.getTime() + one);
        const end = new Date(middle.getTime() + two);
        expect(clock.between(from, middle) + clock.between(middle, end)).toBe(
          clock.between(from, end),
        );
        expect(clock.between(end, from)).toBe(0);
      }),
    );
  });

  it('runs on over a weekend, a holiday and the change to winter time', () => {
    const clock = businessClock({ ...officeHours('Europe/Paris'), holidays: ['2026-10-26'] });
    const friday = new Date('2026-10-23T14:00:00Z');
    // Friday 16:00 to 17:00, then Tuesday from 9:00 on, which is 8:00 of UTC by then.
    expect(afterHours(clock, friday, 3)).toEqual(new Date('2026-10-27T10:00:00Z'));
    expect(hoursBetween(clock, friday, new Date('2026-10-27T10:00:00Z'))).toBe(3);
    expect(clock.hoursPerWeek).toBe(40);
  });

  it('refuses hours that make no sense', () => {
    const office = officeHours('Europe/Paris');
    expect(problemOf(office)).toBeUndefined();
    const never = { ...office, week: office.week.map(() => []) };
    const overlap = {
      ...office,
      week: office.week.map(() => [[0, 60] as const, [59, 70] as const]),
    };
    const late = { ...office, week: office.week.map(() => [[0, 1441] as const]) };
    for (const wrong of [never, overlap, late]) {
      expect(() => businessClock(wrong)).toThrow(RangeError);
    }
    expect(() => businessClock({ ...office, zone: 'Mars/Olympus' })).toThrow('Mars/Olympus');
    expect(() => businessClock({ ...office, holidays: ['25.12.2026'] })).toThrow('25.12.2026');
  });
});

describe('in any zone of the process', () => {
  const before = process.env['TZ'];
  afterEach(() => {
    if (before === undefined) delete process.env['TZ'];
    else process.env['TZ'] = before;
  });

  it('the business clock is the same', () => {
    const at = new Date('2026-03-27T10:00:00Z');
    const seen = ['UTC', 'America/New_York', 'Asia/Kathmandu', 'Pacific/Apia'].map((zone) => {
      process.env['TZ'] = zone;
      const offset = new Date(at).getTimezoneOffset();
      const clock = businessClock(officeHours('Europe/Paris'));
      return { offset, end: afterHours(clock, at, 30).toISOString() };
    });
    expect(new Set(seen.map(({ offset }) => offset)).size).toBe(4);
    expect(new Set(seen.map(({ end }) => end))).toEqual(new Set(['2026-04-01T15:00:00.000Z']));
  });
});

describe('the wall clock', () => {
  it('always runs', () => {
    fc.assert(
      fc.property(
        fc.date({ noInvalidDate: true }),
        fc.integer({ min: 0, max: HOUR }),
        (from, ms) => {
          fc.pre(from.getTime() < 8e15);
          expect(wallClock.between(from, wallClock.after(from, ms))).toBe(ms);
          expect(wallClock.runsAt(from)).toBe(true);
        },
      ),
    );
    expect(wallClock.hoursPerWeek).toBe(168);
  });
});
