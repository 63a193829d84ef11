import { DeliverPolicy, type JetStreamClient, type JsMsg } from 'nats';
import type { StreamName } from '../../domain/names/subjects.js';

const MESSAGES_AT_ONCE = 1_000;
const FETCH_MS = 2_000;

/** How far the clocks of PostgreSQL and NATS may differ. */
const CLOCKS_APART_MS = 60_000;

export interface StreamRange {
  readonly stream: StreamName;
  readonly since: Date;
  /** Bodies are left out. */
  readonly headersOnly?: boolean;
}

/** The messages that a stream has stored since then, until there is no newer one; acknowledges nothing. */
export async function* messagesSince(
  js: JetStreamClient,
  { stream, since, headersOnly = false }: StreamRange,
): AsyncGenerator<JsMsg> {
  const consumer = await js.consumers.get(stream, {
    headers_only: headersOnly,
    deliver_policy: DeliverPolicy.StartTime,
    opt_start_time: new Date(since.getTime() - CLOCKS_APART_MS).toISOString(),
  });
  let seen: number;
  do {
    seen = 0;
    const batch = await consumer.fetch({ max_messages: MESSAGES_AT_ONCE, expires: FETCH_MS });
    for await (const message of batch) {
      seen += 1;
      yield message;
      // Otherwise the fetch would wait for a full batch.
      if (message.info.pending === 0) return;
    }
  } while (seen > 0);
}
