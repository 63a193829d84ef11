import type { JsMsg } from 'nats';
import { z } from 'zod';
import { EPOCH_HEADER } from '../../domain/names/subjects.js';
import { channelNumbered } from '../../domain/transmissions/channels.js';
import { startedSchema } from '../shared/messages/transmissions.js';
import type { Transmission } from './transmit.js';

const epochText = z
  .string()
  .regex(/^\d{1,18}$/)
  .transform(BigInt);

/** What `transmissions.<channel>.started` says, or why it cannot be understood. */
export function readStarted(
  message: Pick<JsMsg, 'subject' | 'headers' | 'json'>,
): Transmission | { readonly unreadable: string } {
  const channel = channelNumbered(Number(message.subject.split('.')[1]));
  if (channel === undefined) return { unreadable: `no channel has the subject ${message.subject}` };
  const epoch = epochText.safeParse(message.headers?.get(EPOCH_HEADER));
  if (!epoch.success) return { unreadable: `no ${EPOCH_HEADER} header with a number` };
  try {
    return { channel, epoch: epoch.data, started: startedSchema.parse(message.json()) };
  } catch (error) {
    return { unreadable: error instanceof Error ? error.message : String(error) };
  }
}
