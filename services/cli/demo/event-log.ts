import { setTimeout as pause } from 'node:timers/promises';
import { JSONCodec, type NatsConnection, type Subscription } from 'nats';
import { z } from 'zod';

const eventSchema = z.looseObject({});

export interface SeenEvent {
  readonly subject: string;
  readonly payload: z.output<typeof eventSchema>;
}

const POLL_MS = 10;

/** What goes over NATS while the demo runs. */
export class EventLog {
  readonly events: SeenEvent[] = [];
  readonly #subscriptions: Subscription[];

  constructor(nats: NatsConnection, subjects: readonly string[]) {
    this.#subscriptions = subjects.map((subject) =>
      nats.subscribe(subject, {
        callback: (error, message) => {
          if (error !== null) return;
          const payload = eventSchema.parse(JSONCodec().decode(message.data));
          this.events.push({ subject: message.subject, payload });
        },
      }),
    );
  }

  close(): void {
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
  }

  /** Waits until one fits; throws after 30 s. */
  async find(
    subject: string,
    fits: (payload: SeenEvent['payload']) => boolean,
  ): Promise<SeenEvent> {
    const [event] = await this.collect(subject, fits, 1);
    if (event === undefined) throw new Error('unreachable');
    return event;
  }

  /** Waits until so many fit. */
  async collect(
    subject: string,
    fits: (payload: SeenEvent['payload']) => boolean,
    count: number,
    timeoutMs = 30_000,
  ): Promise<SeenEvent[]> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const found = this.events.filter((event) => event.subject === subject && fits(event.payload));
      if (found.length >= count) return found;
      if (performance.now() > deadline) {
        throw new Error(
          `only ${found.length} of ${count} events ${subject} came within ${timeoutMs} ms`,
        );
      }
      await pause(POLL_MS);
    }
  }
}
