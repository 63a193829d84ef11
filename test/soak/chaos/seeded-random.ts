import { seededRandom } from '../../../simulators/lightning/faults/random.js';

/** Random choices that repeat for the same seed. */
export class SeededRandom {
  readonly #next: () => number;

  constructor(readonly seed: number) {
    this.#next = seededRandom(seed);
  }

  /** An integer, both ends included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.#next() * (most - least + 1));
  }

  chance(probability: number): boolean {
    return this.#next() < probability;
  }

  pick<T>(options: readonly T[]): T {
    const option = options[this.between(0, options.length - 1)];
    if (option === undefined) throw new Error('nothing to pick from');
    return option;
  }

  /** Picks an option with a probability in proportion to its weight. */
  weighted<T>(options: readonly (readonly [weight: number, option: T])[]): T {
    const total = options.reduce((sum, [weight]) => sum + weight, 0);
    let left = this.#next() * total;
    for (const [weight, option] of options) if ((left -= weight) < 0) return option;
    throw new Error('nothing to pick from');
  }

  /** A generator of its own, so that concurrent users do not change each other's choices. */
  fork(): SeededRandom {
    return new SeededRandom(this.between(0, 0xffff_ffff));
  }
}
