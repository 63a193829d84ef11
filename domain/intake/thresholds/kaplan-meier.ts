import type { Duration } from './stay.js';

/** At a duration, the share of stays that last longer. */
interface Step {
  readonly hours: number;
  readonly longer: number;
}

/** Products of fractions, so not exact. */
const ROUNDING = 1e-9;

/**
 * Survival of durations (Kaplan and Meier), open ones included. The next stay is one more that is at risk throughout and of which
 * nothing is known: of n ended stays the k-th has k / (n + 1) of the next ones below it, so a quantile is exceeded as often as it
 * says, not more often.
 */
export class Survival {
  readonly #steps: readonly Step[];

  constructor(durations: readonly Duration[]) {
    // At the same duration, what ended comes before what was still open.
    const sorted = durations.toSorted(
      (a, b) => a.hours - b.hours || Number(b.ended) - Number(a.ended),
    );
    const steps: Step[] = [];
    let longer = 1;
    for (const [index, { hours, ended }] of sorted.entries()) {
      if (!ended) continue;
      const atRisk = sorted.length - index;
      longer *= 1 - 1 / (atRisk + 1);
      steps.push({ hours, longer });
    }
    this.#steps = steps;
  }

  /** The first duration that no more than 1 - p exceed; undefined when too many stays are open, or too few known, to say. */
  quantile(p: number): number | undefined {
    return this.#steps.find(({ longer }) => longer <= 1 - p + ROUNDING)?.hours;
  }

  /** The highest p of which the quantile is known. */
  get highest(): number {
    return 1 - (this.#steps.at(-1)?.longer ?? 1);
  }
}
