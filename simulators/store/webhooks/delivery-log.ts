import { z } from 'zod';
import { idText, instant } from '../wire.js';

const common = {
  /** From 1, without gaps. */
  seq: z.int(),
  webhookId: idText,
  topic: z.string(),
  orderId: idText,
  deliveryId: z.string(),
  /** Store time. */
  at: instant,
};

export const deliverySchema = z.discriminatedUnion('outcome', [
  z.object({ ...common, outcome: z.literal('lost') }),
  z.object({ ...common, outcome: z.literal('answered'), status: z.int() }),
  z.object({ ...common, outcome: z.literal('failed'), error: z.string() }),
]);

export type LoggedDelivery = z.output<typeof deliverySchema>;
type WithoutSeq<T> = T extends unknown ? Omit<T, 'seq'> : never;

/** Every delivery that was due: a test's knowledge of what was lost. */
export class DeliveryLog {
  readonly #entries: LoggedDelivery[] = [];

  add(entry: WithoutSeq<LoggedDelivery>): void {
    this.#entries.push({ ...entry, seq: this.#entries.length + 1 });
  }

  after(seq: number, limit: number): LoggedDelivery[] {
    return this.#entries.slice(seq, seq + limit);
  }
}
