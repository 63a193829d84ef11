import { type Posterior, type Prior, fitLogNormal, predictedQuantile } from './log-normal.js';
import { Survival } from './kaplan-meier.js';
import { countEnded, type Duration } from './stay.js';

export type QuantileMethod = 'kaplan-meier' | 'log-normal';

export interface Quantile {
  readonly hours: number;
  readonly method: QuantileMethod;
}

/** How sure it must be that the largest of n durations is above the quantile. */
const CONFIDENCE = 0.95;

/** Ended stays from which on the data alone tell the quantile: 29 for 0.9, 59 for 0.95, 299 for 0.99 (Wilks). */
export function endedNeeded(p: number): number {
  return Math.ceil(Math.log(1 - CONFIDENCE) / Math.log(p));
}

/**
 * Quantiles of how long the next stay takes. By the data alone up to the highest p that they support, by the log-normal model above
 * it, but never below what the data say of that highest p: so they do not fall as p grows.
 */
export class StayQuantiles {
  readonly #survival: Survival;
  readonly #posterior: Posterior;
  readonly #ended: number;

  constructor(durations: readonly Duration[], prior: Prior) {
    this.#survival = new Survival(durations);
    this.#posterior = fitLogNormal(durations, prior);
    this.#ended = countEnded(durations);
  }

  at(p: number): Quantile {
    const known = this.#ended >= endedNeeded(p) ? this.#survival.quantile(p) : undefined;
    if (known !== undefined) return { hours: known, method: 'kaplan-meier' };
    return {
      hours: Math.max(predictedQuantile(this.#posterior, p), this.#least()),
      method: 'log-normal',
    };
  }

  /** The quantile of the highest p that the data support. */
  #least(): number {
    if (this.#ended === 0) return 0;
    const supported = (1 - CONFIDENCE) ** (1 / this.#ended);
    return this.#survival.quantile(Math.min(supported, this.#survival.highest)) ?? 0;
  }
}
