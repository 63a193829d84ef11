import { SpanKind } from '@opentelemetry/api';
import { NatsError, type NatsConnection } from 'nats';
import { watchConnection } from '../../shared/nats.js';
import { publish } from '../../shared/publish.js';
import { inSpan, type SpanOptions } from '../../shared/tracing/span.js';
import { ensureStreams, isUnanswered, streamOfSubject } from '../../shared/streams.js';
import {
  type Delivery,
  type Destination,
  type FailedRow,
  type OutboxRow,
  type Run,
  Unavailable,
} from './destination.js';

type Failure = Omit<FailedRow, 'row'>;

const PUBLISH_TIMEOUT_MS = 3_000;
const KEYS_PER_BATCH = 200;
const ROWS_PER_BATCH = 400;

/** Publishes events, each to the stream of its subject. `replicas`: copies of each stream. */
export function natsDestination(nc: NatsConnection, replicas?: number): Destination {
  const js = nc.jetstream({ timeout: PUBLISH_TIMEOUT_MS });
  const isConnected = watchConnection(nc);
  const deliverRow = async (row: OutboxRow): Promise<Failure | undefined> => {
    // Publishing there would time out, exactly as it does when a stream was lost.
    const { subject, payload: body, epoch, traceparent: parent } = row;
    const stream = streamOfSubject(subject);
    if (stream === undefined) {
      return { error: `no stream keeps ${subject}`, unavailable: false };
    }
    if (!isConnected()) return { error: 'NATS is not connected', unavailable: true };
    try {
      const messageId = `outbox/${epoch}/${row.id}`;
      await inSpan(`publish ${stream}`, { ...spanOf(subject), parent }, () =>
        publish(js, { subject, body, messageId, epoch }),
      );
      return undefined;
    } catch (error) {
      return { error: String(error), unavailable: !isRejected(error) };
    }
  };
  return {
    name: 'nats',
    order: 'key',
    throttledByMessages: false,
    limits: { keys: KEYS_PER_BATCH, rows: ROWS_PER_BATCH },
    concurrency: KEYS_PER_BATCH,
    // NATS may have lost its data.
    prepare: async () => {
      if (!isConnected()) throw new Unavailable('NATS is not connected');
      // A stream that elects its leader does not hold back the others.
      await ensureStreams(nc, undefined, replicas).catch((error: unknown) => {
        if (!isUnanswered(error)) throw error;
      });
    },
    deliver: (run, until) => deliverInOrder(run, until, deliverRow),
  };
}

function spanOf(subject: string): SpanOptions {
  const attributes = { 'messaging.system': 'nats', 'messaging.destination.name': subject };
  return { kind: SpanKind.PRODUCER, attributes };
}

async function deliverInOrder(
  run: Run,
  until: number,
  deliverRow: (row: OutboxRow) => Promise<Failure | undefined>,
): Promise<Delivery> {
  const done: OutboxRow[] = [];
  for (const row of run) {
    if (performance.now() > until) break;
    const failure = await deliverRow(row);
    if (failure !== undefined) return { done, failed: [{ row, ...failure }] };
    done.push(row);
  }
  return { done, failed: [] };
}

/** Whether NATS answered that it rejects this message. Any other error is a missing answer, or a server in trouble. */
function isRejected(error: unknown): boolean {
  if (!(error instanceof NatsError)) return error instanceof Error;
  const { api_error: answer } = error;
  if (answer !== undefined) return answer.code < 500;
  return error.code === 'MAX_PAYLOAD_EXCEEDED' || error.code === 'BAD_SUBJECT';
}
