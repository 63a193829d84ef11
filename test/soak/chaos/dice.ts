import { seededRandom } from '../../../simulators/lightning/faults/random.js';

/** The same throws for the same seed. */
export class Dice {
  readonly #random: () => number;

  constructor(readonly seed: number) {
    this.#random = seededRandom(seed);
  }

  /** A whole number, both ends included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.#random() * (most - least + 1));
  }

  chance(probability: number): boolean {
    return this.#random() < probability;
  }

  pick<T>(options: readonly T[]): T {
    const option = options[this.between(0, options.length - 1)];
    if (option === undefined) throw new Error('nothing to pick from');
    return option;
  }

  /** By weight. */
  weighted<T>(options: readonly (readonly [weight: number, option: T])[]): T {
    const total = options.reduce((sum, [weight]) => sum + weight, 0);
    let left = this.#random() * total;
    for (const [weight, option] of options) if ((left -= weight) < 0) return option;
    throw new Error('nothing to pick from');
  }

  /** Dice of somebody's own, so that others' throws do not shift them. */
  split(): Dice {
    return new Dice(this.between(0, 0xffff_ffff));
  }
}
