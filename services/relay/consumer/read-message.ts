import { EPOCH_HEADER } from '../../../domain/names/subjects.js';
import { MESSAGE_ID_HEADER } from '../../shared/publish.js';
import type { MessageHandler } from './message-handler.js';
import type { ReadMessage } from './dedupe.js';

/** What is read of a JetStream message. */
export interface RawMessage {
  readonly subject: string;
  readonly headers: { get(name: string): string } | undefined;
  readonly data: Uint8Array;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Throws, with what is wrong with it. */
export function readMessage<F>(
  message: RawMessage,
  { parse }: Pick<MessageHandler<F>, 'parse'>,
): ReadMessage<F> {
  const messageId = messageIdOf(message);
  if (messageId === undefined) throw new Error(`no ${MESSAGE_ID_HEADER} header`);
  const epoch = epochOf(message);
  if (epoch === undefined) throw new Error(`no ${EPOCH_HEADER} header with a number`);
  const body: unknown = JSON.parse(utf8.decode(message.data));
  return { messageId, epoch, fact: parse(body, message.subject) };
}

export function messageIdOf({ headers }: RawMessage): string | undefined {
  const id = headers?.get(MESSAGE_ID_HEADER) ?? '';
  return id === '' ? undefined : id;
}

export function epochOf({ headers }: RawMessage): bigint | undefined {
  const text = headers?.get(EPOCH_HEADER) ?? '';
  return /^\d{1,18}$/.test(text) ? BigInt(text) : undefined;
}
