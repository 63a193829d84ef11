import type { ClientBase } from 'pg';
import { DeliverPolicy, type JetStreamClient, type NatsConnection } from 'nats';
import { MESSAGE_ID_HEADER } from '../../shared/publish.js';
import { streamOfSubject } from '../../shared/streams.js';
import { type Finding, findingOf } from '../check.js';

export const STREAMS_CHECK = 'events marked as published lie in their streams';

/** Streams may hold millions: what was published of late is looked for. */
const HOURS_BACK = 1;
const EVENTS_AT_MOST = 20_000;
const MESSAGES_AT_ONCE = 1_000;
const FETCH_MS = 2_000;

interface Published {
  readonly id: string;
  readonly subject: string;
  readonly created_at: Date;
}

export async function examineStreams(
  tx: Pick<ClientBase, 'query'>,
  nc: NatsConnection,
): Promise<Finding> {
  const { rows } = await tx.query<Published>(
    `select 'outbox/' || epoch || '/' || id as id, subject, outbox.created_at
     from outbox, installation
     where kind = 'event' and published_at > now() - $1 * interval '1 hour'
     order by published_at desc limit $2`,
    [HOURS_BACK, EVENTS_AT_MOST],
  );
  const missing = new Set(rows.map(({ id }) => id));
  const from = new Map<string, Date>();
  for (const { subject, created_at: createdAt } of rows) {
    const stream = streamOfSubject(subject);
    if (stream === undefined) continue;
    const before = from.get(stream);
    if (before === undefined || createdAt < before) from.set(stream, createdAt);
  }
  for (const [stream, since] of from) {
    for await (const id of messageIds(nc.jetstream(), stream, since)) missing.delete(id);
  }
  return findingOf(STREAMS_CHECK, [...missing], false);
}

/** Of all messages stored since then, headers only. Nothing is consumed. */
async function* messageIds(
  js: JetStreamClient,
  stream: string,
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
      // Else the batch would wait to be full.
      if (info.pending === 0) return;
    }
  } while (seen > 0);
}

/** The database's clock and that of NATS. */
const CLOCKS_APART_MS = 60_000;
