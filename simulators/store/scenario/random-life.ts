import { seededRandom } from '../../lightning/faults/random.js';

/** Draws for one order, the same whatever happens to the others. */
export class Draws {
  readonly #random: () => number;

  constructor(seed: number, stream: number) {
    this.#random = seededRandom(Math.imul(seed, 0x9e3779b1) ^ Math.imul(stream + 1, 0x85ebca6b));
    // The first numbers of seeds that are close to each other are alike.
    for (let n = 0; n < 3; n += 1) this.#random();
  }

  /** From 0 up to 1. */
  share(): number {
    return this.#random();
  }

  happens(probability: number): boolean {
    return this.#random() < probability;
  }

  between(low: number, high: number): number {
    return low + this.#random() * (high - low);
  }

  exponential(mean: number): number {
    return -mean * Math.log(1 - this.#random());
  }

  logNormal(median: number, sigma: number): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.#random()));
    return median * Math.exp(sigma * radius * Math.cos(2 * Math.PI * this.#random()));
  }
}
