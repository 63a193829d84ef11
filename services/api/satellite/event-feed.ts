import type { TransmissionEvent } from '../../shared/messages/transmission-events.js';

export type { TransmissionEvent };
type Listener = (event: TransmissionEvent) => void;

/** Events of transmissions as they happen, for those who listen now. Nothing is kept for those who come later. */
export class EventFeed {
  readonly #listeners = new Set<Listener>();

  publish(event: TransmissionEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  /** Returns a function that ends it. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get size(): number {
    return this.#listeners.size;
  }
}
