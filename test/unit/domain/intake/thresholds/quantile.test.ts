import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Survival } from '../../../../../domain/intake/thresholds/kaplan-meier.js';
import {
  fitLogNormal,
  predictedLogDensity,
  predictedQuantile,
  PRIOR,
} from '../../../../../domain/intake/thresholds/log-normal.js';
import { endedNeeded, StayQuantiles } from '../../../../../domain/intake/thresholds/quantile.js';
import type { Duration } from '../../../../../domain/intake/thresholds/stay.js';

const hours = fc.double({ min: 0.02, max: 700, noNaN: true });
const probability = fc.double({ min: 0.5, max: 0.999, noNaN: true });
const durations = fc.array(
  fc.record({ hours: fc.oneof(hours, fc.constantFrom(1, 2, 8)), ended: fc.boolean() }),
  { maxLength: 120 },
);

const ended = (...all: number[]): Duration[] => all.map((one) => ({ hours: one, ended: true }));

describe('quantiles of stays', () => {
  it('do not fall as p grows', () => {
    fc.assert(
      fc.property(durations, probability, probability, (seen, one, two) => {
        const quantiles = new StayQuantiles(seen, PRIOR);
        const [low, high] = [Math.min(one, two), Math.max(one, two)];
        expect(quantiles.at(high).hours).toBeGreaterThanOrEqual(quantiles.at(low).hours);
      }),
      { numRuns: 300 },
    );
  });

  it('come from the data alone once enough stays have ended', () => {
    expect([0.9, 0.95, 0.99].map(endedNeeded)).toEqual([29, 59, 299]);
    const many = ended(...Array.from({ length: 59 }, (_, n) => n + 1));
    expect(new StayQuantiles(many, PRIOR).at(0.95)).toEqual({ hours: 57, method: 'kaplan-meier' });
    expect(new StayQuantiles(many.slice(1), PRIOR).at(0.95).method).toBe('log-normal');
  });

  it('fall back to the model when no stay has ended, or most are open', () => {
    const open = Array.from({ length: 200 }, () => ({ hours: 3, ended: false }));
    expect(new StayQuantiles(open, PRIOR).at(0.95).method).toBe('log-normal');
    const some = [...open, ...ended(...Array.from({ length: 60 }, () => 1))];
    expect(new StayQuantiles(some, PRIOR).at(0.95).method).toBe('log-normal');
  });
});

describe('survival', () => {
  it('of ended stays alone has k / (n + 1) below the k-th', () => {
    fc.assert(
      fc.property(fc.uniqueArray(hours, { minLength: 1, maxLength: 50 }), (all) => {
        const sorted = all.toSorted((a, b) => a - b);
        const survival = new Survival(ended(...all));
        for (const [index, one] of sorted.entries()) {
          expect(survival.quantile((index + 1) / (all.length + 1))).toBe(one);
        }
        expect(survival.highest).toBeCloseTo(all.length / (all.length + 1), 9);
      }),
    );
  });

  it('counts an open stay as at risk until then: 1, 2+, 3 and 4 of four', () => {
    const survival = new Survival([...ended(1, 3, 4), { hours: 2, ended: false }]);
    // 4/5, then 2/3 of it, then half of that.
    expect(survival.quantile(0.2)).toBe(1);
    expect(survival.quantile(1 - (4 / 5) * (2 / 3))).toBe(3);
    expect(survival.highest).toBeCloseTo(1 - (4 / 5) * (2 / 3) * (1 / 2), 9);
  });

  it('is never lowered by a longer stay', () => {
    fc.assert(
      fc.property(durations, probability, hours, fc.boolean(), (seen, p, more, over) => {
        const before = new Survival(seen).quantile(p);
        fc.pre(before !== undefined);
        const after = new Survival([...seen, { hours: before + more, ended: over }]).quantile(p);
        expect(after ?? Infinity).toBeGreaterThanOrEqual(before);
      }),
    );
  });
});

describe('the log-normal model', () => {
  it('predicts the figures of its prior while nothing was seen', () => {
    const posterior = fitLogNormal([], PRIOR);
    expect(predictedQuantile(posterior, 0.5)).toBeCloseTo(8, 6);
    expect(predictedQuantile(posterior, 0.95)).toBeCloseTo(50.7, 0);
    expect(predictedQuantile(posterior, 0.99)).toBeCloseTo(205, 0);
  });

  it('finds the median and the spread of many stays, a third of them censored', () => {
    // Quantiles of a log-normal distribution of median 6 and sigma 0.9, by the logistic approximation of the normal.
    const all = Array.from({ length: 900 }, (_, n) => {
      const p = (n + 0.5) / 900;
      return 6 * Math.exp((0.9 * Math.log(p / (1 - p))) / 1.702);
    });
    const seen = all.map((one, n) =>
      n % 3 === 0 && one > 4 ? { hours: 4, ended: false } : { hours: one, ended: true },
    );
    const { meanLog } = fitLogNormal(seen, PRIOR);
    expect(Math.exp(meanLog)).toBeGreaterThan(5.5);
    expect(Math.exp(meanLog)).toBeLessThan(6.5);
    const blind = fitLogNormal(
      seen.map((one) => ({ ...one, ended: true })),
      PRIOR,
    );
    expect(Math.exp(blind.meanLog)).toBeLessThan(5.5);
  });

  it('stays finite for censored stays far out', () => {
    const seen = [...ended(1, 1, 1, 1, 1, 1), { hours: 720, ended: false }];
    expect(predictedQuantile(fitLogNormal(seen, PRIOR), 0.95)).toBeLessThan(1e6);
  });

  it('has a density that sums to one', () => {
    const posterior = fitLogNormal(ended(3, 5, 9, 20), PRIOR);
    let sum = 0;
    for (let log = -12; log < 16; log += 0.001) {
      const at = Math.exp(log);
      sum += Math.exp(predictedLogDensity(posterior, at)) * at * 0.001;
    }
    expect(sum).toBeCloseTo(1, 3);
  });
});
