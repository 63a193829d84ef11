import { describe, expect, it } from 'vitest';
import { businessClock } from '../../../../domain/intake/business-clock.js';
import { evaluate, type RuleResult } from '../../../../domain/intake/evaluation/evaluate.js';
import {
  fixedRule,
  learnedRule,
  plainP95,
  type Rule,
} from '../../../../domain/intake/evaluation/rules.js';
import { officeHours } from '../../../../domain/intake/opening-hours.js';
import { PRIOR } from '../../../../domain/intake/thresholds/log-normal.js';
import { seededRandom } from '../../../../simulators/lightning/faults/random.js';
import { logNormalTime, storeHistory } from '../../../support/store-history.js';

const FROM = new Date('2026-01-05T08:00:00Z');
const HOUR = 3_600_000;
const business = businessClock(officeHours('Europe/Paris'));
const learned = (): Rule =>
  learnedRule({ status: 'processing', business, prior: PRIOR, budget: null });
const options = () => ({ losses: 100, random: seededRandom(1) });

/** An order an hour, each handled within so many hours. */
const regular = (days: number, hoursOf: (n: number) => number) =>
  Array.from({ length: days * 24 }, (_, n) => {
    const enteredAt = new Date(FROM.getTime() + n * HOUR);
    return { enteredAt, leftAt: new Date(enteredAt.getTime() + hoursOf(n) * HOUR) };
  });

describe('the rolling evaluation', () => {
  it('counts false alarms and the delay to each tier', () => {
    // One in ten takes 30 hours, the others take two.
    const stays = regular(29, (n) => (n % 10 === 0 ? 30 : 2));
    const found = evaluate(stays, [fixedRule(24)], { losses: 10_000, random: seededRandom(1) });
    expect(found).toMatchObject({ weeks: 3, unfinished: 0 });
    const [result] = found?.results ?? [];
    expect(result?.alert.share).toBeCloseTo(0.1, 2);
    expect(result?.alertsPerDay).toBeCloseTo(2.4, 1);
    expect(result?.alertDelay).toEqual({ median: 22, p90: 22 });
    expect(result?.found24).toBeCloseTo(0.9, 2);
  });

  it('gives to each rule only what was known when a week began', () => {
    const stays = regular(30, () => 100);
    const spy: Rule = {
      name: 'spy',
      at: (known, now) => {
        for (const { enteredAt, leftAt } of known) {
          expect(enteredAt.getTime()).toBeLessThanOrEqual(now.getTime());
          if (leftAt !== null) expect(leftAt.getTime()).toBeLessThanOrEqual(now.getTime());
        }
        expect(known.some(({ leftAt }) => leftAt === null)).toBe(true);
        return fixedRule(1).at(known, now);
      },
    };
    expect(evaluate(stays, [spy], options())?.results[0]?.alert.share).toBe(1);
  });

  it('leaves out what has not ended, and is not made of less than two weeks', () => {
    const stays = regular(15, () => 2);
    const open = stays.map((stay, n) => (n % 2 === 0 ? { ...stay, leftAt: null } : stay));
    expect(evaluate(open, [fixedRule(24)], options())).toMatchObject({ unfinished: 84 });
    expect(
      evaluate(
        regular(7, () => 2),
        [fixedRule(24)],
        options(),
      ),
    ).toBeUndefined();
    expect(evaluate([], [fixedRule(24)], options())).toBeUndefined();
  });

  it('shows the learned thresholds near their targets, and the others far from theirs', () => {
    const stays = storeHistory({
      seed: 3,
      time: logNormalTime,
      clock: business,
      from: FROM,
      days: 90,
    });
    const rules = [learned(), fixedRule(24), fixedRule(48), plainP95];
    const results = evaluate(stays, rules, options())?.results ?? [];
    const [ours, day, , p95] = results as [RuleResult, RuleResult, RuleResult, RuleResult];
    expect(ours.verify.share).toBeGreaterThan(0.07);
    expect(ours.verify.share).toBeLessThan(0.13);
    expect(ours.alert.share).toBeLessThan(0.035);
    expect(day.alert.share).toBeGreaterThan(0.3);
    expect(p95.alert.share).toBeGreaterThan(ours.alert.share);
    expect(ours.found72).toBeGreaterThan(0.3);
  });
});
