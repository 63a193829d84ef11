import { z } from 'zod';
import { seededRandom } from '../lightning/faults/random.js';

const probability = z.number().min(0).max(1).default(0);

const deliveryFaults = z.object({
  /** Only these; default all. */
  topics: z.array(z.string()).exactOptional(),
  /** So many are never sent, and counted as nothing. */
  loseNext: z.int().min(0).default(0),
  lose: probability,
  /** Begins a burst in which so many in a row are lost. */
  burst: z.object({ probability, length: z.int().min(1) }).default({ probability: 0, length: 1 }),
  /** Sent twice. */
  double: probability,
  /** The queue is behind by a random time up to this, in store time. */
  late: z.object({ probability, seconds: z.int().min(1) }).default({ probability: 0, seconds: 1 }),
  /** Sent behind the next one. */
  reorder: probability,
  /** Signed with another secret than the webhook's. */
  wrongSecret: z.boolean().default(false),
});

const restFaults = z.object({
  /** Only so many calls are affected; default all. */
  times: z.int().min(1).exactOptional(),
  /** Real time. */
  slowMs: z.int().min(0).default(0),
  /** Answered in place of what was asked for. */
  answer: z.enum(['none', 'busy', 'too_many', 'error', 'firewall', 'off', 'cut']).default('none'),
  /** With `busy` and `too_many`. */
  retryAfterSeconds: z.int().min(0).exactOptional(),
});

export const faultsSchema = z.object({
  seed: z.int().default(1),
  deliveries: deliveryFaults.prefault({}),
  rest: restFaults.prefault({}),
});

export type Faults = z.output<typeof faultsSchema>;
export type RestFaults = Faults['rest'];

const NONE = faultsSchema.parse({});

/** The faults that are switched on. */
export class FaultSwitches {
  #faults = NONE;
  #random = seededRandom(NONE.seed);
  #toLose = 0;
  #restCalls = 0;

  get current(): Faults {
    return this.#faults;
  }

  /** Replaces all earlier ones. */
  set(faults: Faults): void {
    this.#faults = faults;
    this.#random = seededRandom(faults.seed);
    this.#toLose = faults.deliveries.loseNext;
    this.#restCalls = 0;
  }

  clear(): void {
    this.set(NONE);
  }

  loses(topic: string): boolean {
    const { lose, burst } = this.#faults.deliveries;
    if (!this.#concerns(topic)) return false;
    if (this.#toLose === 0 && this.#happens(burst.probability)) this.#toLose = burst.length;
    if (this.#toLose > 0) {
      this.#toLose -= 1;
      return true;
    }
    return this.#happens(lose);
  }

  doubles(topic: string): boolean {
    return this.#concerns(topic) && this.#happens(this.#faults.deliveries.double);
  }

  reorders(topic: string): boolean {
    return this.#concerns(topic) && this.#happens(this.#faults.deliveries.reorder);
  }

  lateBySeconds(topic: string): number {
    const { late } = this.#faults.deliveries;
    if (!this.#concerns(topic) || !this.#happens(late.probability)) return 0;
    return 1 + Math.floor(this.#random() * late.seconds);
  }

  signsWrongly(topic: string): boolean {
    return this.#concerns(topic) && this.#faults.deliveries.wrongSecret;
  }

  /** For one call of the REST API. */
  forRestCall(): RestFaults {
    const { rest } = this.#faults;
    this.#restCalls += 1;
    return this.#restCalls > (rest.times ?? Infinity) ? NONE.rest : rest;
  }

  #concerns(topic: string): boolean {
    return this.#faults.deliveries.topics?.includes(topic) ?? true;
  }

  #happens(chance: number): boolean {
    return chance >= 1 || (chance > 0 && this.#random() < chance);
  }
}
