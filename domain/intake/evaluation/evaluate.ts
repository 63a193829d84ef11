import type { Stay } from '../thresholds/stay.js';
import { type Interval, learnedInterval, wilsonInterval } from '../wilson.js';
import type { Deadlines, Rule } from './rules.js';

const MS_PER_HOUR = 3_600_000;
const MS_PER_DAY = 24 * MS_PER_HOUR;
const STEP_DAYS = 7;

/** How often orders that left in the end had passed a tier before. */
export interface FalseAlarms {
  readonly count: number;
  readonly share: number;
  readonly interval: Interval;
  /** Null for a rule without one. */
  readonly target: number | null;
}

/** Hours by the wall from a lost update to the tier that finds it; null when it finds none. */
export interface Delay {
  readonly median: number;
  readonly p90: number;
}

export interface RuleResult {
  readonly rule: string;
  readonly verify: FalseAlarms;
  readonly alert: FalseAlarms;
  readonly alertsPerDay: number;
  readonly alertsPer100: number;
  readonly verifyDelay: Delay | null;
  readonly alertDelay: Delay | null;
  /** Shares of the lost updates that are found within so many hours. */
  readonly found24: number;
  readonly found72: number;
  /** Of the alert tier, in the order of the weeks, without repetition. */
  readonly methods: readonly string[];
}

export interface Evaluation {
  readonly weeks: number;
  readonly scored: number;
  /** Stays of the weeks that have not ended: whether an alarm were false is not known. */
  readonly unfinished: number;
  readonly losses: number;
  readonly results: readonly RuleResult[];
}

/** A stay of a week that was scored, and the deadlines that held for it. */
interface Scored {
  readonly enteredAt: Date;
  readonly leftAt: Date;
  readonly deadlines: Deadlines;
}

export interface EvaluateOptions {
  /** How many of the scored stays lose the update that ended them. */
  readonly losses: number;
  readonly random: () => number;
}

/**
 * Each whole week of the history from its eighth day on is scored by thresholds from what was known when the week began. Undefined when the
 * history is shorter than that.
 */
export function evaluate(
  stays: readonly Stay[],
  rules: readonly Rule[],
  { losses, random }: EvaluateOptions,
): Evaluation | undefined {
  const times = stays.map(({ enteredAt }) => enteredAt.getTime());
  const first = times.reduce((least, time) => Math.min(least, time), Infinity);
  const last = times.reduce((most, time) => Math.max(most, time), -Infinity);
  const origins: Date[] = [];
  const week = STEP_DAYS * MS_PER_DAY;
  for (let at = first + week; at + week <= last; at += week) {
    origins.push(new Date(at));
  }
  const weeks = origins.map((origin) => ({ origin, stays: stays.filter(isIn(origin)) }));
  const ended = weeks.flatMap((week) => week.stays.filter(({ leftAt }) => leftAt !== null));
  if (ended.length === 0) return undefined;
  const chosen = sample(ended.length, losses, random);
  const results = rules.map((rule) => {
    const scored: Scored[] = [];
    const methods = new Set<string>();
    for (const { origin, stays: ofWeek } of weeks) {
      const deadlines = rule.at(knownAt(stays, origin), origin);
      methods.add(deadlines.method);
      for (const { enteredAt, leftAt } of ofWeek) {
        if (leftAt !== null) scored.push({ enteredAt, leftAt, deadlines });
      }
    }
    const lost = chosen.flatMap((index) => scored[index] ?? []);
    return resultOf(rule.name, [...methods], scored, lost, weeks.length * STEP_DAYS);
  });
  const all = weeks.reduce((sum, week) => sum + week.stays.length, 0);
  return {
    ...{ weeks: weeks.length, scored: ended.length, unfinished: all - ended.length },
    ...{ losses: chosen.length, results },
  };
}

function isIn(origin: Date): (stay: Stay) => boolean {
  const end = origin.getTime() + STEP_DAYS * MS_PER_DAY;
  return ({ enteredAt }) => enteredAt > origin && enteredAt.getTime() <= end;
}

/** As it looked then. */
function knownAt(stays: readonly Stay[], now: Date): Stay[] {
  return stays
    .filter(({ enteredAt }) => enteredAt <= now)
    .map(({ enteredAt, leftAt }) => ({
      enteredAt,
      leftAt: leftAt !== null && leftAt <= now ? leftAt : null,
    }));
}

/** Different indexes below `of`. */
function sample(of: number, count: number, random: () => number): number[] {
  const indexes = Array.from({ length: of }, (_, index) => ({ index, key: random() }));
  return indexes
    .sort((a, b) => a.key - b.key)
    .slice(0, count)
    .map(({ index }) => index);
}

function resultOf(
  rule: string,
  methods: readonly string[],
  scored: readonly Scored[],
  lost: readonly Scored[],
  days: number,
): RuleResult {
  const verify = falseAlarms(scored, 'verify');
  const alert = falseAlarms(scored, 'alert');
  const found = lost.map(firstLook).filter((delay) => delay !== undefined);
  const told = lost.map((one) => delayTo(one, 'alert')).filter((delay) => delay !== undefined);
  const within = (hours: number): number =>
    lost.length === 0 ? 0 : found.filter((delay) => delay <= hours).length / lost.length;
  return {
    ...{ rule, methods, verify, alert },
    alertsPerDay: alert.count / days,
    alertsPer100: alert.share * 100,
    verifyDelay: delayOf(found),
    alertDelay: delayOf(told),
    ...{ found24: within(24), found72: within(72) },
  };
}

type TierName = 'verify' | 'alert';

function deadlineOf({ deadlines, enteredAt }: Scored, tier: TierName): Date {
  return tier === 'verify' ? deadlines.verifyAfter(enteredAt) : deadlines.alertAfter(enteredAt);
}

function falseAlarms(scored: readonly Scored[], tier: TierName): FalseAlarms {
  const count = scored.filter((stay) => stay.leftAt > deadlineOf(stay, tier)).length;
  const targets = scored.flatMap(({ deadlines: { target } }) => (target ? [target[tier]] : []));
  const mean = targets.reduce((sum, target) => sum + target, 0) / targets.length;
  return {
    ...{ count, share: count / scored.length, interval: intervalOf(count, scored) },
    target: targets.length === 0 ? null : mean,
  };
}

/** The histories of the weeks overlap, so their errors are nearly one: as large as that of a mean week. */
function intervalOf(count: number, scored: readonly Scored[]): Interval {
  const learned = scored.flatMap(({ deadlines }) => deadlines.learnedFrom ?? []);
  if (learned.length === 0) return wilsonInterval(count, scored.length);
  const mean = learned.reduce((sum, stays) => sum + stays, 0) / learned.length;
  return learnedInterval(count, scored.length, mean);
}

/** Hours from the end, of which nothing was heard, to a tier; undefined when the tier had passed before, and found nothing. */
function delayTo(stay: Scored, tier: TierName): number | undefined {
  const ms = deadlineOf(stay, tier).getTime() - stay.leftAt.getTime();
  return ms >= 0 ? ms / MS_PER_HOUR : undefined;
}

/** The store is asked at both tiers. */
function firstLook(stay: Scored): number | undefined {
  return delayTo(stay, 'verify') ?? delayTo(stay, 'alert');
}

function delayOf(hours: readonly number[]): Delay | null {
  const sorted = hours.toSorted((a, b) => a - b);
  const at = (p: number): number | undefined => sorted[Math.ceil(sorted.length * p) - 1];
  const [median, p90] = [at(0.5), at(0.9)];
  return median === undefined || p90 === undefined ? null : { median, p90 };
}
