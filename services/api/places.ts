import { networkOf } from '../../engine/accounts/origin.js';

/** How many may be open at once in this process; 0 for any number. */
export interface PlaceLimits {
  readonly perNetwork: number;
  readonly all: number;
}

/** Counts what is open, like connections, per network and in sum. */
export class Places {
  readonly #perNetwork = new Map<string, number>();
  #all = 0;

  constructor(private readonly limits: PlaceLimits = { perNetwork: 0, all: 0 }) {}

  /** Takes a place and returns what gives it back, once; undefined when there is none. */
  enter(address: string): (() => void) | undefined {
    const network = networkOf(address);
    const taken = this.#perNetwork.get(network) ?? 0;
    if (isFull(this.#all, this.limits.all) || isFull(taken, this.limits.perNetwork))
      return undefined;
    this.#all += 1;
    this.#perNetwork.set(network, taken + 1);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#leave(network);
    };
  }

  get size(): number {
    return this.#all;
  }

  #leave(network: string): void {
    this.#all -= 1;
    const taken = (this.#perNetwork.get(network) ?? 1) - 1;
    if (taken === 0) this.#perNetwork.delete(network);
    else this.#perNetwork.set(network, taken);
  }
}

function isFull(taken: number, limit: number): boolean {
  return limit > 0 && taken >= limit;
}
