import { setTimeout as pause } from 'node:timers/promises';
import { JSONCodec, type NatsConnection, type Subscription } from 'nats';
import { z } from 'zod';

const eventSchema = z.looseObject({});

export interface SeenEvent {
  readonly subject: string;
  readonly payload: z.output<typeof eventSchema>;
}

const POLL_MS = 10;

/** The events on NATS while the demo runs. */
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

  /** Waits for the first matching event; throws after 30 s. */
  async find(
    subject: string,
    matches: (payload: SeenEvent['payload']) => boolean,
  ): Promise<SeenEvent> {
    const [event] = await this.collect(subject, matches, 1);
    if (event === undefined) throw new Error('unreachable');
    return event;
  }

  /** Waits until `count` events match. */
  async collect(
    subject: string,
    matches: (payload: SeenEvent['payload']) => boolean,
    count: number,
    timeoutMs = 30_000,
  ): Promise<SeenEvent[]> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const found = this.events.filter(
        (event) => event.subject === subject && matches(event.payload),
      );
      if (found.length >= count) return found;
      if (performance.now() > deadline) {
        throw new Error(
          `only ${found.length} of ${count} events ${subject} arrived within ${timeoutMs} ms`,
        );
      }
      await pause(POLL_MS);
    }
  }
}
