import { afterHours, type Clock, wallClock } from '../business-clock.js';
import {
  type Before,
  clockOf,
  type LearnFrom,
  learnThreshold,
  type Method,
} from '../thresholds/learn.js';
import type { Stay } from '../thresholds/stay.js';

/** When an order that enters a status is asked about, and when people are told. */
export interface Deadlines {
  readonly verifyAfter: (enteredAt: Date) => Date;
  readonly alertAfter: (enteredAt: Date) => Date;
  /** How often each tier is meant to be passed without need; null for a rule without a target. */
  readonly target: { readonly verify: number; readonly alert: number } | null;
  /** Stays that it was learned from; null where nothing was learned. */
  readonly learnedFrom: number | null;
  /** For the reader: of the alert tier. */
  readonly method: Method | 'fixed' | 'p95';
}

/** A way to set thresholds, from what was known at an instant. Called with instants in their order. */
export interface Rule {
  readonly name: string;
  readonly at: (stays: readonly Stay[], now: Date) => Deadlines;
}

/** What the product does. It learns each night; between the origins of an evaluation the limits of change add up the same. */
export function learnedRule(
  from: Pick<LearnFrom, 'status' | 'business' | 'prior' | 'budget'>,
): Rule {
  let before: Before | null = null;
  return {
    name: 'learned',
    at: (stays, now) => {
      const { clock, verify, alert, exits } = learnThreshold({ ...from, stays, now, before });
      if (verify.method !== 'default') {
        before = { clock, verifyHours: verify.hours, alertHours: alert.hours, since: now };
      }
      const measured = clockOf(clock, from.business);
      return {
        verifyAfter: (enteredAt) => afterHours(measured, enteredAt, verify.hours),
        alertAfter: (enteredAt) => afterHours(measured, enteredAt, alert.hours),
        target: { verify: 1 - verify.p, alert: 1 - alert.p },
        learnedFrom: verify.method === 'default' ? null : exits,
        method: alert.method,
      };
    },
  };
}

export function fixedRule(hours: number): Rule {
  return {
    name: `fixed ${hours} h`,
    at: () => ({ ...sameFor(wallClock, hours), target: null, learnedFrom: null, method: 'fixed' }),
  };
}

const FALLBACK_HOURS = 24;

/** The 0.95 quantile of what has ended, by the wall, open orders left out: what is usually built first. */
export const plainP95: Rule = {
  name: 'plain p95',
  at: (stays, now) => {
    const hours = stays
      .flatMap(({ enteredAt, leftAt }) =>
        leftAt !== null && leftAt <= now ? [wallClock.between(enteredAt, leftAt) / 3_600_000] : [],
      )
      .sort((a, b) => a - b);
    const p95 = hours[Math.max(0, Math.ceil(hours.length * 0.95) - 1)] ?? FALLBACK_HOURS;
    const target = { verify: 0.05, alert: 0.05 };
    return { ...sameFor(wallClock, p95), target, learnedFrom: hours.length, method: 'p95' };
  },
};

function sameFor(clock: Clock, hours: number): Pick<Deadlines, 'verifyAfter' | 'alertAfter'> {
  const after = (enteredAt: Date): Date => afterHours(clock, enteredAt, hours);
  return { verifyAfter: after, alertAfter: after };
}
