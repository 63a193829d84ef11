import type {
  EventFaults,
  FaultRule,
  Faults,
  Operation,
} from '../../../adapters/lightning/simulator-client/faults.js';
import { seededRandom } from './random.js';

const NONE: Faults = { seed: 1, rules: [], events: {} };

/** Which faults are switched on, and the dice. In memory: a restarted node has none. */
export class FaultSwitches {
  #faults = NONE;
  #random = seededRandom(NONE.seed);
  #fired = new Map<FaultRule, number>();

  get current(): Faults {
    return this.#faults;
  }

  /** Replaces all there were. */
  set(faults: Faults): void {
    this.#faults = faults;
    this.#random = seededRandom(faults.seed);
    this.#fired = new Map();
  }

  clear(): void {
    this.set(NONE);
  }

  /** The rules that strike this call, in order. */
  strike(operation: Operation): FaultRule[] {
    return this.#faults.rules.filter((rule) => {
      if (rule.operation !== operation && rule.operation !== 'any') return false;
      const fired = this.#fired.get(rule) ?? 0;
      if (fired >= (rule.times ?? Infinity) || !this.#happens(rule.probability ?? 1)) return false;
      this.#fired.set(rule, fired + 1);
      return true;
    });
  }

  strikesEvent(fault: keyof EventFaults): boolean {
    return this.#happens(this.#faults.events[fault] ?? 0);
  }

  #happens(probability: number): boolean {
    // Certain ones take no number, so that they do not shift the others' luck.
    return probability >= 1 || (probability > 0 && this.#random() < probability);
  }
}
