import erfc from '@stdlib/math-base-special-erfc';
import gammaln from '@stdlib/math-base-special-gammaln';
import tQuantile from '@stdlib/stats-base-dists-t-quantile';
import type { Duration } from './stay.js';

/** What is believed of the logarithm of durations before the first is seen: a normal-inverse-gamma distribution. */
export interface Prior {
  readonly meanLog: number;
  /** How many durations the mean is worth. */
  readonly weight: number;
  /** Shape and rate of the variance. */
  readonly shape: number;
  readonly rate: number;
}

/** Eight hours, give or take: worth two durations. */
export const PRIOR: Prior = { meanLog: Math.log(8), weight: 2, shape: 2, rate: 1 };

/** The same, with another median. */
export function priorOf(medianHours: number): Prior {
  return { ...PRIOR, meanLog: Math.log(medianHours) };
}

/** What is believed once durations were seen. Of the same form as the prior. */
export type Posterior = Prior;

const ROUNDS = 30;

/**
 * The posterior of log-normal durations. A censored one counts as the mean of what it may still become, given the estimate of the
 * round before (expectation-maximization).
 */
export function fitLogNormal(durations: readonly Duration[], prior: Prior): Posterior {
  let posterior = update(
    prior,
    durations.map(({ hours }) => moments(Math.log(hours))),
  );
  if (durations.every(({ ended }) => ended)) return posterior;
  for (let round = 0; round < ROUNDS; round += 1) {
    const mean = posterior.meanLog;
    const deviation = Math.sqrt(posterior.rate / (posterior.shape - 1 / 2));
    const seen = durations.map(({ hours, ended }) =>
      ended ? moments(Math.log(hours)) : momentsAbove(Math.log(hours), mean, deviation),
    );
    posterior = update(prior, seen);
  }
  return posterior;
}

/** The quantile of the next duration, in hours, with the estimate's own error in it: a Student's t of 2a degrees of freedom. */
export function predictedQuantile({ meanLog, weight, shape, rate }: Posterior, p: number): number {
  const scale = Math.sqrt((rate * (weight + 1)) / (shape * weight));
  return Math.exp(meanLog + tQuantile(p, 2 * shape) * scale);
}

/** Logarithm of the predicted density of a duration, per hour. */
export function predictedLogDensity(
  { meanLog, weight, shape, rate }: Posterior,
  hours: number,
): number {
  const freedom = 2 * shape;
  const scale = Math.sqrt((rate * (weight + 1)) / (shape * weight));
  const x = Math.log(hours);
  const distance = (x - meanLog) / scale;
  const standard =
    gammaln((freedom + 1) / 2) -
    gammaln(freedom / 2) -
    Math.log(freedom * Math.PI) / 2 -
    ((freedom + 1) / 2) * Math.log1p(distance ** 2 / freedom);
  return standard - Math.log(scale) - x;
}

/** Expectations of x and its square. */
type Moments = readonly [first: number, second: number];

function moments(x: number): Moments {
  return [x, x ** 2];
}

/** Of a normal variable that is known to be at least u. */
function momentsAbove(u: number, mean: number, deviation: number): Moments {
  const h = hazard((u - mean) / deviation);
  return [mean + deviation * h, mean ** 2 + deviation ** 2 + deviation * (u + mean) * h];
}

/** Above this both parts of the fraction are 0 in floating point, and the hazard is near its argument. */
const FAR = 30;

/** Density over upper tail of the standard normal distribution. */
function hazard(a: number): number {
  if (a > FAR) return a + 1 / a;
  return (Math.sqrt(2 / Math.PI) * Math.exp(-(a ** 2) / 2)) / erfc(a / Math.SQRT2);
}

function update(prior: Prior, seen: readonly Moments[]): Posterior {
  const sum = seen.reduce((total, [first]) => total + first, 0);
  const squares = seen.reduce((total, [, second]) => total + second, 0);
  const weight = prior.weight + seen.length;
  const meanLog = (prior.weight * prior.meanLog + sum) / weight;
  const spread = squares + prior.weight * prior.meanLog ** 2 - weight * meanLog ** 2;
  return {
    meanLog,
    weight,
    shape: prior.shape + seen.length / 2,
    // Rounding may make a spread of nothing negative.
    rate: prior.rate + Math.max(0, spread) / 2,
  };
}
