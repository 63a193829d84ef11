import type { JetStreamClient, JetStreamManager, MsgHdrs } from 'nats';
import {
  deadLetterSubject,
  EPOCH_HEADER,
  type StreamName,
} from '../../../domain/names/subjects.js';
import { unlessMissing } from '../streams.js';
import { DEAD_LETTER_HEADERS, KEPT_HEADERS, storedAt } from './headers.js';

const STREAM = 'DEADLETTERS';
const NO_MESSAGE_FOUND = 10_037;

/** A refused message, as stored in the stream of dead letters. */
export interface DeadLetter {
  /** Its number in the stream, which identifies it. */
  readonly seq: number;
  readonly stream: string;
  /** Where the message was published. */
  readonly subject: string;
  readonly reason: string;
  readonly consumer: string;
  readonly messageId: string | undefined;
  readonly epoch: string | undefined;
  /** The epoch and the signature, by header. */
  readonly kept: Readonly<Record<string, string>>;
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

/** All dead letters, or those of one stream, oldest first. Does not consume them. */
export async function* readDeadLetters(
  js: JetStreamClient,
  manager: JetStreamManager,
  stream?: StreamName,
): AsyncGenerator<DeadLetter> {
  const filter = stream === undefined ? 'deadletters.>' : deadLetterSubject(stream);
  const { state } = await manager.streams.info(STREAM, { subjects_filter: filter });
  // A consumer without messages would wait for one.
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
    // Else it would stay for minutes, and be counted as a consumer that is behind.
    await consumer.delete().catch(() => false);
  }
}

export async function readDeadLetter(
  manager: JetStreamManager,
  seq: number,
): Promise<DeadLetter | undefined> {
  const found = manager.streams.getMessage(STREAM, { seq });
  const stored = await unlessMissing(found, NO_MESSAGE_FOUND);
  return stored === undefined ? undefined : toDeadLetter(stored);
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
    kept: Object.fromEntries(
      KEPT_HEADERS.flatMap((name) => {
        const value = header(name);
        return value === undefined ? [] : [[name, value]];
      }),
    ),
    storedAt: header(DEAD_LETTER_HEADERS.time) ?? diedAt,
    diedAt,
    body: stored.data,
  };
}
