import type { NodeEvent } from '../../../adapters/lightning/port.js';

export interface WindowOptions {
  /** Events published at the same time, at most. */
  readonly size: number;
  /** Tries until it is stored. */
  readonly publish: (event: NodeEvent) => Promise<void>;
  /** Remembers that everything up to here was published. */
  readonly advance: (cursor: bigint) => Promise<void>;
}

interface Flight {
  readonly cursor: bigint;
  stored: boolean;
}

/**
 * Publishes events without waiting for the one before. The cursor follows behind: never past an event that is not stored yet,
 * and written once for all that were stored meanwhile.
 */
export class PublishWindow {
  /** In the order in which they were told. */
  readonly #flights: Flight[] = [];
  readonly #failed = new AbortController();
  #writing = false;
  #moved: (() => void) | undefined;

  constructor(private readonly options: WindowOptions) {}

  /** Aborted, with the reason, when an event can be published no more, or the cursor not be written. */
  get failed(): AbortSignal {
    return this.#failed.signal;
  }

  /** Begins to publish; resolves when there is room for another. */
  async push(event: NodeEvent): Promise<void> {
    const flight: Flight = { cursor: event.cursor, stored: false };
    this.#flights.push(flight);
    void this.#publish(event, flight);
    while (this.#flights.length >= this.options.size && !this.#failed.signal.aborted) {
      await this.#nextMove();
    }
  }

  async #publish(event: NodeEvent, flight: Flight): Promise<void> {
    try {
      await this.options.publish(event);
      flight.stored = true;
      await this.#follow();
    } catch (error) {
      this.#failed.abort(error);
      this.#moved?.();
    }
  }

  async #follow(): Promise<void> {
    if (this.#writing) return;
    this.#writing = true;
    for (let cursor = this.#shift(); cursor !== undefined; cursor = this.#shift()) {
      await this.options.advance(cursor);
      this.#moved?.();
    }
    this.#writing = false;
  }

  /** Takes away those that are stored, up to the first that is not; the highest cursor among them. */
  #shift(): bigint | undefined {
    const end = this.#flights.findIndex(({ stored }) => !stored);
    const gone = this.#flights.splice(0, end === -1 ? this.#flights.length : end);
    return gone.reduce<bigint | undefined>(
      (highest, { cursor }) => (highest === undefined || cursor > highest ? cursor : highest),
      undefined,
    );
  }

  #nextMove(): Promise<void> {
    return new Promise((resolve) => {
      this.#moved = resolve;
    });
  }
}
