import { OpenTime } from './open-time.js';
import type { OpeningHours } from './opening-hours.js';

/** Measures durations: by the wall, or only while a store is open. */
export interface Clock {
  readonly kind: ClockKind;
  /** Hours that this clock runs in an ordinary week. */
  readonly hoursPerWeek: number;
  /** Milliseconds for which the clock runs from one instant to the other; 0 when they are in the wrong order. */
  between(from: Date, to: Date): number;
  /** The first instant at which the clock has run for so many whole milliseconds since `from`. */
  after(from: Date, ms: number): Date;
  /** Whether it runs at this instant. */
  runsAt(instant: Date): boolean;
}

export type ClockKind = 'business' | 'wall';

export const MS_PER_HOUR = 3_600_000;

export const wallClock: Clock = {
  kind: 'wall',
  hoursPerWeek: 7 * 24,
  between: (from, to) => Math.max(0, to.getTime() - from.getTime()),
  after: (from, ms) => new Date(from.getTime() + ms),
  runsAt: () => true,
};

/**
 * Runs while the store's local time is within its opening hours, whatever the zone of this process. An hour that daylight saving
 * leaves out does not count, one that it repeats counts twice. Throws RangeError when the hours are not valid.
 */
export function businessClock(hours: OpeningHours): Clock {
  const time = new OpenTime(hours);
  return {
    kind: 'business',
    hoursPerWeek: hours.week.flat().reduce((sum, [from, to]) => sum + to - from, 0) / 60,
    between: (from, to) => time.between(from.getTime(), to.getTime()),
    after: (from, ms) => new Date(time.after(from.getTime(), ms)),
    runsAt: (instant) => time.contains(instant.getTime()),
  };
}

export function hoursBetween(clock: Clock, from: Date, to: Date): number {
  return clock.between(from, to) / MS_PER_HOUR;
}

/** Exact to the millisecond: hours are rounded to it first. */
export function afterHours(clock: Clock, from: Date, hours: number): Date {
  return clock.after(from, Math.round(hours * MS_PER_HOUR));
}
