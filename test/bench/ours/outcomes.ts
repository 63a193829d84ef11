import type { NatsConnection, Subscription } from 'nats';
import { z } from 'zod';

const paid = z.object({ actionId: z.string() }).transform(({ actionId }) => actionId);
const started = z.object({ uuid: z.string() }).transform(({ uuid }) => uuid);

/** What became of actions and orders, as it is told on NATS. */
export class Outcomes {
  readonly #told = new Map<string, number>();
  readonly #waiting = new Map<string, (at: number) => void>();
  readonly #subscriptions: Subscription[];

  constructor(nats: NatsConnection) {
    this.#subscriptions = [
      nats.subscribe('actions.*.paid', { callback: this.#tell(paid) }),
      nats.subscribe('transmissions.*.started', { callback: this.#tell(started) }),
    ];
  }

  /** When an action was told to be PAID, or an order's transmission to have started. */
  of(id: string): Promise<number> {
    const at = this.#told.get(id);
    if (at !== undefined) return Promise.resolve(at);
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  close(): void {
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
  }

  #tell(idOf: z.ZodType<string>) {
    return (_error: unknown, message: { json(): unknown }): void => {
      const id = idOf.parse(message.json());
      const at = performance.now();
      this.#told.set(id, at);
      this.#waiting.get(id)?.(at);
      this.#waiting.delete(id);
    };
  }
}
