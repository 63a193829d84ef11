import { ZodError } from 'zod';
import { EPOCH_HEADER } from '../../../domain/names/subjects.js';
import { storageFaultOf } from '../../../domain/storable.js';
import {
  MESSAGE_ID_HEADER,
  messageIdOf,
  type RawMessage,
} from '../../shared/messages/raw-message.js';
import type { MessageHandler } from './message-handler.js';

export interface MessageHeaders {
  readonly messageId: string;
  readonly epoch: bigint;
}

export interface ReadMessage<Body> extends MessageHeaders {
  readonly body: Body;
}

/** Longer ones do not fit into the index that dedupes by them. */
const MAX_MESSAGE_ID = 255;
const MESSAGE_ID = new RegExp(`^[\\x20-\\x7e]{1,${MAX_MESSAGE_ID}}$`);

const MAX_DEPTH = 8;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Throws when a header is missing or the body does not have the expected form. */
export function readMessage<Body>(
  message: RawMessage,
  { parse }: Pick<MessageHandler<Body>, 'parse'>,
): ReadMessage<Body> {
  const messageId = messageIdOf(message);
  if (messageId === undefined) throw new Error(`no ${MESSAGE_ID_HEADER} header`);
  if (!MESSAGE_ID.test(messageId)) {
    throw new Error(
      `${MESSAGE_ID_HEADER} is not 1 to ${MAX_MESSAGE_ID} printable ASCII characters`,
    );
  }
  const epoch = epochOf(message);
  if (epoch === undefined) throw new Error(`no ${EPOCH_HEADER} header with a number`);
  const body: unknown = JSON.parse(utf8.decode(message.data));
  const fault = storageFaultOf(body, MAX_DEPTH);
  if (fault !== undefined) throw new Error(fault);
  return { messageId, epoch, body: parse(body, message.subject) };
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
