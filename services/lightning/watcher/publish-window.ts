import type { NodeEvent } from '../../../adapters/lightning/port.js';

export interface WindowOptions {
  /** Events published at the same time, at most. */
  readonly size: number;
  /** Resolves when the event is stored. */
  readonly publish: (event: NodeEvent) => Promise<void>;
  /** Stores that everything up to this cursor is published. */
  readonly advance: (cursor: bigint) => Promise<void>;
}

interface Flight {
  readonly cursor: bigint;
  stored: boolean;
}

/**
 * Publishes several events at once. The cursor never moves past an event that is not stored yet, and is
 * written once for all events stored meanwhile.
 */
export class PublishWindow {
  /** In the order of the node's stream. */
  readonly #flights: Flight[] = [];
  readonly #failed = new AbortController();
  #writing = false;
  #onAdvance: (() => void) | undefined;

  constructor(private readonly options: WindowOptions) {}

  /** Aborted with the reason when an event cannot be published or the cursor cannot be written. */
  get failed(): AbortSignal {
    return this.#failed.signal;
  }

  /** Starts to publish the event; resolves when another may be pushed. */
  async push(event: NodeEvent): Promise<void> {
    const flight: Flight = { cursor: event.cursor, stored: false };
    this.#flights.push(flight);
    void this.#publish(event, flight);
    while (this.#flights.length >= this.options.size && !this.#failed.signal.aborted) {
      await this.#nextAdvance();
    }
  }

  async #publish(event: NodeEvent, flight: Flight): Promise<void> {
    try {
      await this.options.publish(event);
      flight.stored = true;
      await this.#advance();
    } catch (error) {
      this.#failed.abort(error);
      this.#onAdvance?.();
    }
  }

  async #advance(): Promise<void> {
    if (this.#writing) return;
    this.#writing = true;
    for (let cursor = this.#shift(); cursor !== undefined; cursor = this.#shift()) {
      await this.options.advance(cursor);
      this.#onAdvance?.();
    }
    this.#writing = false;
  }

  /** Removes the stored events before the first that is not stored; gives their highest cursor. */
  #shift(): bigint | undefined {
    const end = this.#flights.findIndex(({ stored }) => !stored);
    const removed = this.#flights.splice(0, end === -1 ? this.#flights.length : end);
    return removed.reduce<bigint | undefined>(
      (highest, { cursor }) => (highest === undefined || cursor > highest ? cursor : highest),
      undefined,
    );
  }

  #nextAdvance(): Promise<void> {
    return new Promise((resolve) => {
      this.#onAdvance = resolve;
    });
  }
}
