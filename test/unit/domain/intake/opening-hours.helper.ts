import fc from 'fast-check';
import type { OpeningHours, OpenSpan } from '../../../../domain/intake/opening-hours.js';

/** Zones, each with an instant near which its clocks are odd. */
export const ODD_TIMES: readonly (readonly [zone: string, near: string])[] = [
  ['UTC', '2026-03-29T00:00:00Z'],
  ['Europe/Paris', '2026-03-29T01:00:00Z'],
  ['Europe/Paris', '2026-10-25T01:00:00Z'],
  ['America/New_York', '2026-11-01T06:00:00Z'],
  // Half an hour of daylight saving.
  ['Australia/Lord_Howe', '2026-04-04T15:00:00Z'],
  ['Asia/Kathmandu', '2026-06-01T00:00:00Z'],
  // Midnight does not exist on one day.
  ['America/Sao_Paulo', '2018-11-04T03:00:00Z'],
  ['Africa/Cairo', '2026-10-29T21:00:00Z'],
  // The whole 30th of December was left out.
  ['Pacific/Apia', '2011-12-30T10:00:00Z'],
  ['Pacific/Kiritimati', '2026-01-01T00:00:00Z'],
];

const QUARTER_MINUTES = 15;
export const QUARTER_MS = QUARTER_MINUTES * 60_000;

const day = fc
  .uniqueArray(fc.integer({ min: 0, max: 96 }), { maxLength: 6 })
  .map((bounds) => bounds.sort((a, b) => a - b))
  .map((bounds) => {
    const spans: OpenSpan[] = [];
    for (let n = 0; n + 1 < bounds.length; n += 2) {
      spans.push([(bounds[n] ?? 0) * QUARTER_MINUTES, (bounds[n + 1] ?? 0) * QUARTER_MINUTES]);
    }
    return spans;
  });

const week = fc
  .array(day, { minLength: 7, maxLength: 7 })
  .filter((days) => days.some((spans) => spans.length > 0));

export interface OddTime {
  readonly hours: OpeningHours;
  /** On a quarter of an hour, within three days of an odd time. */
  readonly from: Date;
}

/** Opening hours on quarters of an hour, and an instant near which the zone's clocks are odd. */
export const oddTime: fc.Arbitrary<OddTime> = fc
  .record({
    odd: fc.constantFrom(...ODD_TIMES),
    week,
    holiday: fc.integer({ min: -3, max: 3 }),
    quarters: fc.integer({ min: -288, max: 288 }),
  })
  .map(({ odd: [zone, near], week: days, holiday, quarters }) => {
    const at = Date.parse(near);
    const date = new Date(at + holiday * 86_400_000).toISOString().slice(0, 10);
    return {
      hours: { zone, week: days, holidays: [date] },
      from: new Date(at + quarters * QUARTER_MS),
    };
  });

/** Whether the local time is within the opening hours, asked of Intl alone. */
export function isOpen({ zone, week: days, holidays }: OpeningHours, instant: Date): boolean {
  const parts = new Intl.DateTimeFormat('en-CA', {
    ...{ timeZone: zone, hourCycle: 'h23', weekday: 'short' },
    ...{ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' },
  }).formatToParts(instant);
  const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? '';
  if (holidays.includes(`${part('year')}-${part('month')}-${part('day')}`)) return false;
  const weekday = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'].indexOf(
    part('weekday').slice(0, 3),
  );
  const minute = Number(part('hour')) * 60 + Number(part('minute'));
  return (days[weekday] ?? []).some(([opens, closes]) => opens <= minute && minute < closes);
}
