import { afterHours, type Clock, type ClockKind, wallClock } from '../business-clock.js';
import { chooseClock } from './choose-clock.js';
import { defaultThreshold, type Threshold } from './defaults.js';
import { alertProbability, clampHours, type InForce, limitChange, VERIFY_P } from './limits.js';
import { type Prior, PRIOR } from './log-normal.js';
import { findMassStall } from './mass-stall.js';
import { type QuantileMethod, StayQuantiles } from './quantile.js';
import { durationsAt, type Stay } from './stay.js';

export type RefusalReason = 'too_few_exits' | 'history_too_short';
export type Method = QuantileMethod | 'default' | 'kept';

/** One tier's threshold, and what it comes from. */
export interface Tier {
  readonly p: number;
  readonly method: Method;
  readonly hours: number;
  /** What the data alone would say; null when nothing was learned. */
  readonly learnedHours: number | null;
}

export interface Learned {
  readonly clock: ClockKind;
  /** Ended and censored stays. */
  readonly exits: number;
  readonly censored: number;
  readonly verify: Tier;
  readonly alert: Tier;
  /** Why nothing was learned; null when it was. */
  readonly refused: RefusalReason | null;
  /** The threshold before is kept, because many orders got stuck at once. */
  readonly frozen: boolean;
  /** False alarms a day that are expected of the alert tier. */
  readonly alarmsPerDay: number;
}

/** A learned threshold in force. */
export interface Before extends Threshold {
  readonly since: Date;
}

export interface LearnFrom {
  readonly status: string;
  readonly stays: readonly Stay[];
  readonly business: Clock;
  readonly now: Date;
  /** Null when none was ever learned. */
  readonly before: Before | null;
  readonly prior?: Prior;
  /** False alarms a day that are accepted; null for the usual probability. */
  readonly budget?: number | null;
}

const LEAST_EXITS = 5;
const LEAST_HISTORY_DAYS = 7;
const MS_PER_DAY = 86_400_000;
const STALL_DAYS = 7;

/** The thresholds of one status, from stays known at `now`. Refuses to learn from little; keeps what was in force during a mass stall. */
export function learnThreshold(from: LearnFrom): Learned {
  const { business, now, before, budget = null } = from;
  const stays = from.stays.filter(({ enteredAt }) => enteredAt < now);
  const exits = stays.filter(({ leftAt }) => leftAt !== null && leftAt <= now).length;
  const days = historyDays(stays, now);
  const perDay = days === 0 ? 0 : stays.length / Math.max(1, days);
  const alertP = alertProbability(perDay, budget);
  const refused = refusalOf(exits, days);
  const frozen = before !== null && isStalled(stays, before, business, now);
  return {
    ...{ exits, censored: stays.length - exits, alarmsPerDay: perDay * (1 - alertP) },
    ...{ refused, frozen },
    ...(refused === null && !frozen
      ? learnedTiers({ ...from, stays }, alertP)
      : kept(from, alertP)),
  };
}

type Tiers = Pick<Learned, 'clock' | 'verify' | 'alert'>;

function kept({ status, before, prior = PRIOR }: LearnFrom, alertP: number): Tiers {
  const { clock, verifyHours, alertHours } = before ?? defaultThreshold(status, prior);
  const method = before === null ? 'default' : 'kept';
  return {
    clock,
    verify: { p: VERIFY_P, method, hours: verifyHours, learnedHours: null },
    alert: { p: alertP, method, hours: alertHours, learnedHours: null },
  };
}

/** Both tiers are bounded the same way from tiers in order, so they stay in order. */
function learnedTiers(from: LearnFrom, alertP: number): Tiers {
  const { stays, business, now, before, prior = PRIOR } = from;
  const clock = chooseClock(stays, business, prior, now);
  const quantiles = new StayQuantiles(durationsAt(stays, clock, now), prior);
  const tier = (p: number, name: 'verifyHours' | 'alertHours'): Tier =>
    tierOf(quantiles, p, clock, inForceOf(before, name, business), now);
  return {
    clock: clock.kind,
    verify: tier(VERIFY_P, 'verifyHours'),
    alert: tier(alertP, 'alertHours'),
  };
}

export function clockOf(kind: ClockKind, business: Clock): Clock {
  return kind === 'business' ? business : wallClock;
}

function refusalOf(exits: number, days: number): RefusalReason | null {
  if (exits < LEAST_EXITS) return 'too_few_exits';
  return days < LEAST_HISTORY_DAYS ? 'history_too_short' : null;
}

/** Days since the first stay began. */
function historyDays(stays: readonly Stay[], now: Date): number {
  const first = stays.reduce(
    (least, { enteredAt }) => Math.min(least, enteredAt.getTime()),
    Infinity,
  );
  return first === Infinity ? 0 : (now.getTime() - first) / MS_PER_DAY;
}

/** Whether orders that are still there passed the threshold together, of late: a stall that nobody ends does not stop learning for ever. */
function isStalled(
  stays: readonly Stay[],
  { clock, alertHours }: Threshold,
  business: Clock,
  now: Date,
): boolean {
  const crossings = (of: readonly Stay[]): Date[] =>
    of
      .map(({ enteredAt }) => afterHours(clockOf(clock, business), enteredAt, alertHours))
      .filter((at) => at <= now && now.getTime() - at.getTime() < STALL_DAYS * MS_PER_DAY);
  const open = stays.filter(({ leftAt }) => leftAt === null || leftAt > now);
  return findMassStall(crossings(open), crossings(stays)) !== undefined;
}

function inForceOf(
  before: Before | null,
  tier: 'verifyHours' | 'alertHours',
  business: Clock,
): InForce | null {
  if (before === null) return null;
  const { hoursPerWeek } = clockOf(before.clock, business);
  return { hours: before[tier], hoursPerWeek, since: before.since };
}

function tierOf(
  quantiles: StayQuantiles,
  p: number,
  clock: Clock,
  before: InForce | null,
  now: Date,
): Tier {
  const { hours: learnedHours, method } = quantiles.at(p);
  const wanted = clampHours(learnedHours, clock.kind);
  const limited = before === null ? wanted : limitChange(wanted, clock, before, now);
  return { p, method, hours: clampHours(limited, clock.kind), learnedHours };
}
