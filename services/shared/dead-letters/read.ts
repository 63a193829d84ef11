import { NatsError, type JetStreamClient, type JetStreamManager, type MsgHdrs } from 'nats';
import {
  deadLetterSubject,
  EPOCH_HEADER,
  type StreamName,
} from '../../../domain/names/subjects.js';
import { DEAD_LETTER_HEADERS, storedAt } from './headers.js';

const STREAM = 'DEADLETTERS';
const NO_MESSAGE_FOUND = 10_037;

/** A message that was refused, as it lies in the stream of dead letters. */
export interface DeadLetter {
  /** Names it: its number in the stream. */
  readonly seq: number;
  readonly stream: string;
  /** Where the message was published first. */
  readonly subject: string;
  readonly reason: string;
  readonly consumer: string;
  readonly messageId: string | undefined;
  readonly epoch: string | undefined;
  /** When the message was stored, and when it was refused. ISO 8601. */
  readonly storedAt: string;
  readonly diedAt: string;
  readonly body: Uint8Array;
}

interface Stored {
  readonly seq: number;
  readonly subject: string;
  readonly header: MsgHdrs | undefined;
  readonly time: Date;
  readonly data: Uint8Array;
}

/** All letters that lie there now, or those of one stream, oldest first. Nothing is consumed. */
export async function* readDeadLetters(
  js: JetStreamClient,
  manager: JetStreamManager,
  stream?: StreamName,
): AsyncGenerator<DeadLetter> {
  const filter = stream === undefined ? 'deadletters.>' : deadLetterSubject(stream);
  const { state } = await manager.streams.info(STREAM, { subjects_filter: filter });
  // A consumer of nothing would wait for something.
  if (Object.keys(state.subjects ?? {}).length === 0) return;
  const consumer = await js.consumers.get(STREAM, { filterSubjects: [filter] });
  const messages = await consumer.consume();
  try {
    for await (const message of messages) {
      const { seq, subject, data, headers: header, info } = message;
      yield toDeadLetter({ seq, subject, data, header, time: storedAt(message) });
      if (info.pending === 0) return;
    }
  } finally {
    messages.stop();
  }
}

export async function readDeadLetter(
  manager: JetStreamManager,
  seq: number,
): Promise<DeadLetter | undefined> {
  try {
    return toDeadLetter(await manager.streams.getMessage(STREAM, { seq }));
  } catch (error) {
    if (error instanceof NatsError && error.api_error?.err_code === NO_MESSAGE_FOUND) {
      return undefined;
    }
    throw error;
  }
}

function toDeadLetter(stored: Stored): DeadLetter {
  const header = (name: string): string | undefined => {
    const value = stored.header?.get(name);
    return value === '' ? undefined : value;
  };
  const diedAt = stored.time.toISOString();
  return {
    seq: stored.seq,
    stream: stored.subject.slice('deadletters.'.length),
    subject: header(DEAD_LETTER_HEADERS.subject) ?? '',
    reason: header(DEAD_LETTER_HEADERS.reason) ?? 'unknown',
    consumer: header(DEAD_LETTER_HEADERS.consumer) ?? 'unknown',
    messageId: header(DEAD_LETTER_HEADERS.messageId),
    epoch: header(EPOCH_HEADER),
    storedAt: header(DEAD_LETTER_HEADERS.time) ?? diedAt,
    diedAt,
    body: stored.data,
  };
}
