import type { NatsConnection, Subscription } from 'nats';
import { z } from 'zod';

const paid = z.object({ actionId: z.string() }).transform(({ actionId }) => actionId);
const started = z.object({ uuid: z.string() }).transform(({ uuid }) => uuid);

/** Listens on NATS for the events that actions are paid and transmissions started. */
export class Outcomes {
  readonly #seenAt = new Map<string, number>();
  readonly #waiting = new Map<string, (at: number) => void>();
  readonly #subscriptions: Subscription[];

  constructor(nats: NatsConnection) {
    this.#subscriptions = [
      nats.subscribe('actions.*.paid', { callback: this.#record(paid) }),
      nats.subscribe('transmissions.*.started', { callback: this.#record(started) }),
    ];
  }

  /** When the event of an action or order arrived, by performance.now(). */
  of(id: string): Promise<number> {
    const at = this.#seenAt.get(id);
    if (at !== undefined) return Promise.resolve(at);
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  close(): void {
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
  }

  #record(idOf: z.ZodType<string>) {
    return (_error: unknown, message: { json(): unknown }): void => {
      const id = idOf.parse(message.json());
      const at = performance.now();
      this.#seenAt.set(id, at);
      this.#waiting.get(id)?.(at);
      this.#waiting.delete(id);
    };
  }
}
