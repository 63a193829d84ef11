import type { NodeEvent } from '../../../adapters/lightning/port.js';
import type { FaultSwitches } from './fault-switches.js';

/** Drops, doubles and reorders what one subscriber is sent. */
export class EventScrambler {
  #heldBack: NodeEvent[] = [];

  constructor(private readonly faults: FaultSwitches) {}

  /** What is to be sent now that this one was seen. */
  pass(event: NodeEvent): NodeEvent[] {
    if (this.faults.strikesEvent('drop')) return [];
    const copies = this.faults.strikesEvent('double') ? [event, event] : [event];
    if (this.#heldBack.length === 0 && this.faults.strikesEvent('reorder')) {
      this.#heldBack = copies;
      return [];
    }
    return [...copies, ...this.flush()];
  }

  /** Nothing follows for now: what was held back is sent after all. */
  flush(): NodeEvent[] {
    return this.#heldBack.splice(0);
  }
}
