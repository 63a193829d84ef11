import type { NodeEvent } from '../../../adapters/lightning/port.js';
import type { FaultSwitches } from './fault-switches.js';

/** Drops, doubles and reorders the events of one subscriber. */
export class EventScrambler {
  #heldBack: NodeEvent[] = [];

  constructor(private readonly faults: FaultSwitches) {}

  /** The events to send now. */
  pass(event: NodeEvent): NodeEvent[] {
    if (this.faults.affectsEvent('drop')) return [];
    const copies = this.faults.affectsEvent('double') ? [event, event] : [event];
    if (this.#heldBack.length === 0 && this.faults.affectsEvent('reorder')) {
      this.#heldBack = copies;
      return [];
    }
    return [...copies, ...this.flush()];
  }

  /** No event follows for now: gives what was held back for reordering. */
  flush(): NodeEvent[] {
    return this.#heldBack.splice(0);
  }
}
