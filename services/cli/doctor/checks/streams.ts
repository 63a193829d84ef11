import type { ClientBase } from 'pg';
import { DeliverPolicy, type JetStreamClient, type NatsConnection } from 'nats';
import type { StreamName } from '../../../../domain/names/subjects.js';
import { MESSAGE_ID_HEADER } from '../../../shared/messages/raw-message.js';
import { streamOfSubject } from '../../../shared/streams.js';
import { type Finding, findingOf } from '../check.js';

export const STREAMS_CHECK = 'events marked as published are in their streams';

/** Streams may hold millions of messages: only recent events are checked. */
const HOURS_BACK = 1;
const EVENTS_AT_MOST = 20_000;
const MESSAGES_AT_ONCE = 1_000;
const FETCH_MS = 2_000;

/** The relay's transaction ends by then: an event is marked at most this long after it was stored. */
const MARKED_WITHIN_MS = 30_000;

interface Published {
  readonly id: string;
  readonly subject: string;
  readonly created_at: Date;
  readonly published_at: Date;
}

/**
 * When a stream was created after its events were published, NATS has lost its data. That is reported
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
     order by published_at desc limit $2`,
    [HOURS_BACK, EVENTS_AT_MOST],
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
  for await (const id of messageIds(js, stream, new Date(since))) missing.delete(id);
  return [...missing.values()];
}

async function createdAt(nc: NatsConnection, stream: StreamName): Promise<number> {
  const { created } = await (await nc.jetstreamManager()).streams.info(stream);
  return new Date(created).getTime();
}

/** The ids of all messages stored since then; reads headers only and acknowledges nothing. */
async function* messageIds(
  js: JetStreamClient,
  stream: StreamName,
  since: Date,
): AsyncGenerator<string> {
  const consumer = await js.consumers.get(stream, {
    headers_only: true,
    deliver_policy: DeliverPolicy.StartTime,
    opt_start_time: new Date(since.getTime() - CLOCKS_APART_MS).toISOString(),
  });
  let seen: number;
  do {
    seen = 0;
    const batch = await consumer.fetch({ max_messages: MESSAGES_AT_ONCE, expires: FETCH_MS });
    for await (const { headers, info } of batch) {
      seen += 1;
      yield headers?.get(MESSAGE_ID_HEADER) ?? '';
      // Otherwise the fetch would wait for a full batch.
      if (info.pending === 0) return;
    }
  } while (seen > 0);
}

/** How far the clocks of PostgreSQL and NATS may differ. */
const CLOCKS_APART_MS = 60_000;
