import { SETTLING_PRIORITY } from '../../../../domain/invoices/node-calls.js';
import type { CallRow, Room } from './take-calls.js';

/** Calls at once per process and node. */
const CALLS_AT_ONCE = 16;
/** Of these, so many only settle: what secures money finds room however slow the other calls are. */
const KEPT_FOR_SETTLING = 4;

/** The calls that are under way. */
export class CallSlots {
  readonly #underway = new Set<CallRow>();

  get underway(): readonly CallRow[] {
    return [...this.#underway];
  }

  get room(): Room {
    const all = CALLS_AT_ONCE - this.#underway.size;
    const others = this.underway.filter(({ priority }) => priority > SETTLING_PRIORITY).length;
    return {
      settling: all,
      others: Math.min(all, CALLS_AT_ONCE - KEPT_FOR_SETTLING - others),
      all,
    };
  }

  begin(call: CallRow): void {
    this.#underway.add(call);
  }

  end(call: CallRow): void {
    this.#underway.delete(call);
  }
}
