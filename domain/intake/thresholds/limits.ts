import type { Clock, ClockKind } from '../business-clock.js';

/** Whatever is learned, a threshold is at least an hour. */
const MIN_HOURS = 1;
/** A week of offices, by either clock. */
const MAX_HOURS: Readonly<Record<ClockKind, number>> = { business: 40, wall: 168 };
/** A threshold changes by no more than this factor in a day. */
const MAX_CHANGE_PER_DAY = 1.5;
const MS_PER_DAY = 86_400_000;

export function clampHours(hours: number, kind: ClockKind): number {
  return Math.min(MAX_HOURS[kind], Math.max(MIN_HOURS, hours));
}

/** A threshold in force, and since when. */
export interface InForce {
  readonly hours: number;
  /** Of the clock that it is measured by. */
  readonly hoursPerWeek: number;
  readonly since: Date;
}

/** Moves from the threshold in force towards the one wanted, as far as the time since allows. Another clock's hours are converted by the week. */
export function limitChange(wanted: number, clock: Clock, before: InForce, now: Date): number {
  const from = (before.hours * clock.hoursPerWeek) / before.hoursPerWeek;
  const days = Math.max(0, (now.getTime() - before.since.getTime()) / MS_PER_DAY);
  const factor = MAX_CHANGE_PER_DAY ** days;
  return Math.min(from * factor, Math.max(from / factor, wanted));
}

/** The probability of each tier: the first one asks the store, which costs nothing; the second tells people. */
export const VERIFY_P = 0.9;
export const ALERT_P = 0.99;
const LOWEST_ALERT_P = 0.95;
const HIGHEST_ALERT_P = 0.995;

/** The p with which so many false alarms a day are expected, within bounds; the usual one without a budget. */
export function alertProbability(staysPerDay: number, alarmsPerDay: number | null): number {
  if (alarmsPerDay === null || staysPerDay <= 0) return ALERT_P;
  return Math.min(HIGHEST_ALERT_P, Math.max(LOWEST_ALERT_P, 1 - alarmsPerDay / staysPerDay));
}
