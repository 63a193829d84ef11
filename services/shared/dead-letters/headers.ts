import { headers, type JsMsg, type MsgHdrs } from 'nats';
import {
  EPOCH_HEADER,
  KEY_HEADER,
  NODE_HEADER,
  SIGNATURE_HEADER,
} from '../../../domain/names/subjects.js';
import { FIRST_ID_HEADER } from '../messages/raw-message.js';

/** Headers of a refused message that its dead letter and a replay have too. */
export const KEPT_HEADERS = [EPOCH_HEADER, NODE_HEADER, KEY_HEADER, SIGNATURE_HEADER] as const;

/** Headers of a dead letter, beside {@link KEPT_HEADERS}. Its body is that message's. */
export const DEAD_LETTER_HEADERS = {
  subject: 'Quittance-Subject',
  reason: 'Quittance-Reason',
  messageId: FIRST_ID_HEADER,
  consumer: 'Quittance-Consumer',
  /** When the message was stored in its stream. */
  time: 'Quittance-Time',
} as const;

const LONGEST_TEXT = 500;

/** Which consumer refused which message, and why. */
export interface RefusedMessage {
  readonly consumer: string;
  readonly messageId: string | undefined;
  readonly reason: string;
}

export function deadLetterHeaders(
  message: JsMsg,
  { consumer, messageId, reason }: RefusedMessage,
): MsgHdrs {
  const found = headers();
  for (const name of KEPT_HEADERS) {
    const value = message.headers?.get(name) ?? '';
    if (value !== '') found.set(name, oneLine(value));
  }
  found.set(DEAD_LETTER_HEADERS.subject, message.subject);
  found.set(DEAD_LETTER_HEADERS.reason, oneLine(reason));
  if (messageId !== undefined) found.set(DEAD_LETTER_HEADERS.messageId, oneLine(messageId));
  found.set(DEAD_LETTER_HEADERS.consumer, consumer);
  found.set(DEAD_LETTER_HEADERS.time, storedAt(message).toISOString());
  return found;
}

export function storedAt(message: Pick<JsMsg, 'info'>): Date {
  return new Date(message.info.timestampNanos / 1e6);
}

/** A header is one line of printable characters. Those of a message may be anything. */
function oneLine(text: string): string {
  return text
    .replace(/[^\x20-\x7e]+/g, ' ')
    .trim()
    .slice(0, LONGEST_TEXT);
}
