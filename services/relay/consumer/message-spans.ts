import { context, type Span, SpanKind, trace } from '@opentelemetry/api';
import type { JsMsg } from 'nats';
import type { Pool } from 'pg';
import { paymentOfSubject } from '../../../domain/names/subjects.js';
import { beginSpan, endSpan, errorTypeOf, isTracing } from '../../shared/tracing/span.js';
import { storedTraces } from '../../shared/tracing/stored-traces.js';
import { contextOf, TRACEPARENT_HEADER } from '../../shared/tracing/traceparent.js';

/**
 * Does the work of a batch in a span for each of its messages: of the trace that the message names, or of the attempt or order whose invoice
 * it reports. Those of none have no span. What a message alone writes belongs to its trace; several share a transaction, so what they write
 * is given its trace by whoever takes it from the outbox.
 */
export async function inSpansOf<T>(
  pool: Pool,
  stream: string,
  messages: readonly JsMsg[],
  work: () => Promise<T>,
): Promise<T> {
  if (!isTracing()) return work();
  const spans = await begin(pool, stream, messages);
  const [first] = spans;
  const alone = messages.length === 1 ? first : undefined;
  try {
    const result =
      alone === undefined
        ? await work()
        : await context.with(trace.setSpan(context.active(), alone), work);
    for (const span of spans) endSpan(span);
    return result;
  } catch (error) {
    for (const span of spans) endSpan(span, errorTypeOf(error));
    throw error;
  }
}

async function begin(pool: Pool, stream: string, messages: readonly JsMsg[]): Promise<Span[]> {
  const named = messages.map(({ headers, subject }) => ({
    sent: headers?.get(TRACEPARENT_HEADER),
    hash: paymentOfSubject(subject)?.hash ?? '',
  }));
  const hashes = named.flatMap(({ sent, hash }) => (sent || hash === '' ? [] : [hash]));
  const stored = await storedTraces(pool, { hashes }).catch(() => undefined);
  return named.flatMap(({ sent, hash }) => {
    const within = contextOf(sent === undefined || sent === '' ? stored?.get(hash) : sent);
    if (within === undefined) return [];
    const attributes = { 'messaging.system': 'nats', 'messaging.destination.name': stream };
    return [beginSpan(`apply ${stream}`, { kind: SpanKind.CONSUMER, attributes }, within)];
  });
}
