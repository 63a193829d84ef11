import type { ClientBase } from 'pg';
import type { JetStreamClient, NatsConnection } from 'nats';
import type { StreamName } from '../../../../domain/names/subjects.js';
import { MESSAGE_ID_HEADER } from '../../../shared/messages/raw-message.js';
import { streamOfSubject } from '../../../shared/streams.js';
import { messagesSince } from '../../stream-messages.js';
import { type Finding, findingOf } from '../check.js';

export const STREAMS_CHECK = 'events marked as published are in their streams';

/** Streams may hold millions of messages: only recent events are checked. */
const HOURS_BACK = 1;
const EVENTS_AT_MOST = 20_000;

/** The relay's transaction ends by then: an event is marked at most this long after it was stored. */
const MARKED_WITHIN_MS = 30_000;

interface Published {
  readonly id: string;
  readonly subject: string;
  readonly created_at: Date;
  readonly published_at: Date;
}

/**
 * Events of this epoch only. When a stream was created after its events were published, NATS has lost its data. That is reported
 * in the note and does not count as broken.
 */
export async function checkStreams(
  tx: Pick<ClientBase, 'query'>,
  nc: NatsConnection,
): Promise<Finding> {
  const { rows } = await tx.query<Published>(
    `select 'outbox/' || epoch || '/' || id as id, subject, outbox.created_at, published_at
     from outbox, installation
     where kind = 'event' and published_at > now() - $1 * interval '1 hour'
       -- The epoch is the time at which it was raised. What was published before has another one in its id.
       and published_at > to_timestamp(epoch / 1000.0) + $3 * interval '1 millisecond'
     order by published_at desc limit $2`,
    [HOURS_BACK, EVENTS_AT_MOST, MARKED_WITHIN_MS],
  );
  const missing = new Set<string>();
  const notes: string[] = [];
  for (const [stream, events] of byStream(rows)) {
    const lost = await missingIn(nc.jetstream(), stream, events);
    const streamCreatedAt = await createdAt(nc, stream);
    const before = lost.filter(
      ({ published_at: at }) => at.getTime() < streamCreatedAt + MARKED_WITHIN_MS,
    );
    for (const { id } of lost) missing.add(id);
    for (const { id } of before) missing.delete(id);
    if (before.length > 0) {
      const at = new Date(streamCreatedAt).toISOString();
      const events =
        before.length === 1 ? 'event published before is' : 'events published before are';
      notes.push(`${stream} was created again at ${at}: ${before.length} ${events} gone`);
    }
  }
  const finding = findingOf(STREAMS_CHECK, [...missing], false);
  return notes.length === 0 ? finding : { ...finding, note: notes.join('; ') };
}

function byStream(events: readonly Published[]): Map<StreamName, Published[]> {
  const found = new Map<StreamName, Published[]>();
  for (const event of events) {
    const stream = streamOfSubject(event.subject);
    if (stream === undefined) continue;
    const others = found.get(stream) ?? [];
    others.push(event);
    found.set(stream, others);
  }
  return found;
}

async function missingIn(
  js: JetStreamClient,
  stream: StreamName,
  events: readonly Published[],
): Promise<Published[]> {
  const missing = new Map(events.map((event) => [event.id, event]));
  const since = Math.min(...events.map(({ created_at: at }) => at.getTime()));
  const range = { stream, since: new Date(since), headersOnly: true };
  for await (const { headers } of messagesSince(js, range)) {
    missing.delete(headers?.get(MESSAGE_ID_HEADER) ?? '');
  }
  return [...missing.values()];
}

async function createdAt(nc: NatsConnection, stream: StreamName): Promise<number> {
  const { created } = await (await nc.jetstreamManager()).streams.info(stream);
  return new Date(created).getTime();
}
