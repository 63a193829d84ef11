import type {
  EventFaults,
  FaultRule,
  Faults,
  Operation,
} from '../../../adapters/lightning/simulator-client/faults.js';
import { seededRandom } from './random.js';

const NONE: Faults = { seed: 1, rules: [], events: {} };

/** The faults that are switched on. Kept in memory: a restarted node has none. */
export class FaultSwitches {
  #faults = NONE;
  #random = seededRandom(NONE.seed);
  #used = new Map<FaultRule, number>();

  get current(): Faults {
    return this.#faults;
  }

  /** Replaces all earlier faults. */
  set(faults: Faults): void {
    this.#faults = faults;
    this.#random = seededRandom(faults.seed);
    this.#used = new Map();
  }

  clear(): void {
    this.set(NONE);
  }

  /** The rules that apply to this call, in order; counts them as used. */
  rulesFor(operation: Operation): FaultRule[] {
    return this.#faults.rules.filter((rule) => {
      if (rule.operation !== operation && rule.operation !== 'any') return false;
      const used = this.#used.get(rule) ?? 0;
      if (used >= (rule.times ?? Infinity) || !this.#happens(rule.probability ?? 1)) return false;
      this.#used.set(rule, used + 1);
      return true;
    });
  }

  /** Whether this fault applies to the next event. */
  affectsEvent(fault: keyof EventFaults): boolean {
    return this.#happens(this.#faults.events[fault] ?? 0);
  }

  #happens(probability: number): boolean {
    // Certain ones draw no number, so that they do not change the sequence for the others.
    return probability >= 1 || (probability > 0 && this.#random() < probability);
  }
}
