import { ZodError } from 'zod';
import { EPOCH_HEADER } from '../../../domain/names/subjects.js';
import { MESSAGE_ID_HEADER } from '../../shared/publish.js';
import type { MessageHandler } from './message-handler.js';

/** The parts of a JetStream message that are read. */
export interface RawMessage {
  readonly subject: string;
  readonly headers: { get(name: string): string } | undefined;
  readonly data: Uint8Array;
}

export interface MessageHeaders {
  readonly messageId: string;
  readonly epoch: bigint;
}

export interface ReadMessage<Body> extends MessageHeaders {
  readonly body: Body;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Throws when a header is missing or the body does not have the expected form. */
export function readMessage<Body>(
  message: RawMessage,
  { parse }: Pick<MessageHandler<Body>, 'parse'>,
): ReadMessage<Body> {
  const messageId = messageIdOf(message);
  if (messageId === undefined) throw new Error(`no ${MESSAGE_ID_HEADER} header`);
  const epoch = epochOf(message);
  if (epoch === undefined) throw new Error(`no ${EPOCH_HEADER} header with a number`);
  const body: unknown = JSON.parse(utf8.decode(message.data));
  return { messageId, epoch, body: parse(body, message.subject) };
}

export function messageIdOf({ headers }: RawMessage): string | undefined {
  const id = headers?.get(MESSAGE_ID_HEADER) ?? '';
  return id === '' ? undefined : id;
}

export function epochOf({ headers }: RawMessage): bigint | undefined {
  const text = headers?.get(EPOCH_HEADER) ?? '';
  return /^\d{1,18}$/.test(text) ? BigInt(text) : undefined;
}

/** Describes an error of {@link readMessage}, without any value of the message. */
export function describeUnreadable(error: unknown): string {
  if (error instanceof ZodError) {
    const issues = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    return `not of the expected form: ${issues.join('; ')}`;
  }
  if (error instanceof SyntaxError) return 'not JSON';
  return error instanceof Error ? error.message : String(error);
}
