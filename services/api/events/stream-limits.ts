import { Refusal } from '../../../domain/refusal.js';
import { networkOf } from '../../../engine/accounts/origin.js';

/** How many streams may be open at once. */
export interface StreamLimitNumbers {
  /** Of one network: an IPv4 address, or a /64 of IPv6. */
  readonly perNetwork: number;
  readonly inSum: number;
}

const RETRY_AFTER_SECONDS = 30;

/** Counts the open streams of this process. */
export class StreamLimits {
  readonly #ofNetwork = new Map<string, number>();
  #all = 0;

  constructor(private readonly limits: StreamLimitNumbers = { perNetwork: 20, inSum: 2_000 }) {}

  /** Takes a place and returns how to give it back, once. Throws Refusal `events.too_many`. */
  take(address: string): () => void {
    const network = networkOf(address);
    const open = this.#ofNetwork.get(network) ?? 0;
    if (open >= this.limits.perNetwork || this.#all >= this.limits.inSum) {
      const detail = 'close others first, or read the state by itself';
      throw new Refusal('events.too_many', detail, [], RETRY_AFTER_SECONDS);
    }
    this.#all += 1;
    this.#ofNetwork.set(network, open + 1);
    let given = false;
    return () => {
      if (given) return;
      given = true;
      this.#all -= 1;
      const left = (this.#ofNetwork.get(network) ?? 1) - 1;
      if (left === 0) this.#ofNetwork.delete(network);
      else this.#ofNetwork.set(network, left);
    };
  }
}
