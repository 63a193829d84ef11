import { backoffMs } from '../../timing.js';
import type { Room } from './take-calls.js';

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 4_000;

const NO_ROOM: Room = { settling: 0, others: 0, all: 0 };

/** Whether the node is unavailable, and when it is tried again. */
export class NodeOutage {
  #failures = 0;
  #pausedUntil = 0;
  /** The call that finds out whether the node is back. */
  #probe: object | undefined;

  /** Milliseconds of the present pause that are left; 0 when there is none. */
  get pauseMs(): number {
    return Math.max(0, this.#pausedUntil - performance.now());
  }

  /** How much of the room may be used: during an outage that of one call, after each pause. */
  limit({ settling, others, all }: Room): Room {
    if (this.#failures === 0) return { settling, others, all };
    if (this.#probe !== undefined || this.pauseMs > 0) return NO_ROOM;
    return { settling: Math.min(1, settling), others: Math.min(1, others), all: Math.min(1, all) };
  }

  begin(call: object): void {
    if (this.#failures > 0) this.#probe = call;
  }

  end(call: object): void {
    if (this.#probe === call) this.#probe = undefined;
  }

  /** The node was not reached. Calls that began before the pause do not make it longer. Returns whether this begins an outage. */
  failed(): boolean {
    if (this.pauseMs > 0) return false;
    this.#pausedUntil =
      performance.now() + backoffMs(this.#failures, FIRST_PAUSE_MS, LONGEST_PAUSE_MS);
    this.#failures += 1;
    return this.#failures === 1;
  }

  /** The node has answered. Returns whether this ends an outage. */
  answered(): boolean {
    const wasOn = this.#failures > 0;
    this.#failures = 0;
    this.#pausedUntil = 0;
    return wasOn;
  }
}
