import type { JsMsg } from 'nats';
import { z } from 'zod';
import { EPOCH_HEADER } from '../../domain/names/subjects.js';
import { type Channel, channelNumbered } from '../../domain/transmissions/channels.js';
import { startedSchema } from '../shared/messages/transmissions.js';
import type { Transmission } from './transmit.js';

const epochText = z
  .string()
  .regex(/^\d{1,18}$/)
  .transform(BigInt);

/** Parses a message `transmissions.<channel>.started`, or says why it cannot be read. */
export function readStarted(
  message: Pick<JsMsg, 'subject' | 'headers' | 'json'>,
  channels?: readonly Channel[],
): Transmission | { readonly unreadable: string } {
  const channel = channelNumbered(Number(message.subject.split('.')[1]), channels);
  if (channel === undefined)
    return { unreadable: `the subject ${message.subject} names no channel` };
  const epoch = epochText.safeParse(message.headers?.get(EPOCH_HEADER));
  if (!epoch.success) return { unreadable: `the header ${EPOCH_HEADER} is no number` };
  try {
    return { channel, epoch: epoch.data, started: startedSchema.parse(message.json()) };
  } catch (error) {
    return { unreadable: error instanceof Error ? error.message : String(error) };
  }
}

/** The last `size` keys: a message that arrives again is not transmitted again. */
export class RecentKeys {
  readonly #keys = new Set<string>();

  constructor(private readonly size: number) {}

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  add(key: string): void {
    this.#keys.delete(key);
    this.#keys.add(key);
    for (const oldest of this.#keys) {
      if (this.#keys.size <= this.size) return;
      this.#keys.delete(oldest);
    }
  }
}
