import { SpanKind } from '@opentelemetry/api';
import { z } from 'zod';
import type { TemporalClient } from '../../shared/temporal.js';
import type { Logger } from '../../shared/logger.js';
import { inSpan, type SpanOptions } from '../../shared/tracing/span.js';
import { registerSearchAttributes } from '../../shared/search-attributes.js';
import {
  Unavailable,
  type Delivery,
  type Destination,
  type FailedRow,
  type OutboxRow,
  type Run,
} from './destination.js';
import { UNPAID_PRIORITY } from '../../../engine/outbox.js';
import { LAST_PRIORITY } from './take-rows.js';
import {
  startAnew,
  startOnce,
  startOrWake,
  startPayload,
  type StartPayload,
  wake,
} from './temporal-calls.js';
import {
  describeTemporalError,
  isForbiddenOrAbsent,
  isTemporalUnavailable,
} from './temporal-errors.js';

/** About a second of work for a busy server: a wake waits for no longer behind a batch of starts. */
const ROWS_PER_BATCH = 100;
const CALLS_AT_ONCE = 40;
const PREPARE_TIMEOUT_MS = 5_000;

/** Starts workflows, and wakes running ones. While Temporal is behind, starts of unpaid attempts wait. */
export function temporalDestination(
  client: TemporalClient,
  namespace: string,
  logger: Logger,
  isBehind: () => boolean = () => false,
): Destination {
  return {
    name: 'temporal',
    order: 'priority',
    throttledByMessages: true,
    limits: { keys: ROWS_PER_BATCH, rows: ROWS_PER_BATCH },
    concurrency: CALLS_AT_ONCE,
    prepare: () => prepare(client, namespace, logger),
    lastPriority: () => (isBehind() ? UNPAID_PRIORITY - 1 : LAST_PRIORITY),
    deliver: (run) => inSpan(...spanOf(run), () => deliverRun(client, run)),
  };
}

/** A start takes the wakes of its workflow with it. */
function spanOf(run: Run): [name: string, options: SpanOptions] {
  const starts = run.some(({ kind }) => kind === 'start');
  const parent = run.map(({ traceparent }) => traceparent).find((one) => typeof one === 'string');
  const attributes = { 'temporal.workflow_id': run[0]?.subject ?? '' };
  const options = { kind: SpanKind.PRODUCER, attributes, parent };
  return [starts ? 'start workflow' : 'wake workflow', options];
}

/** A Temporal that lost its data refuses starts until our search attributes are registered. */
async function prepare(client: TemporalClient, namespace: string, logger: Logger): Promise<void> {
  try {
    const missing = await client.withDeadline(Date.now() + PREPARE_TIMEOUT_MS, () =>
      registerSearchAttributes(client.connection, namespace),
    );
    if (missing.length > 0) logger.info({ missing }, 'registered search attributes');
  } catch (error) {
    const reason = describeTemporalError(error);
    if (!isForbiddenOrAbsent(error)) throw new Unavailable(reason);
    logger.warn(
      { reason },
      'search attributes cannot be registered from here: an operator has to do it',
    );
  }
}

const wakePayload = z.object({ reason: z.string() });

/** Rows of an earlier release have none. */
function reasonOf({ payload }: OutboxRow): string {
  return wakePayload.safeParse(payload).data?.reason ?? 'row changed';
}

/**
 * The rows of a workflow, start or wake, in any order. It reads rows in which everything is stored that happened before the run was
 * taken. One wake is therefore enough for all of them, and a start makes the wakes unnecessary. This saves calls to Temporal, the
 * first server to reach its limit. A start that fails holds up no wake.
 */
async function deliverRun(client: TemporalClient, run: Run): Promise<Delivery> {
  const { starts, unreadable } = readStarts(run);
  const wakes = run.filter(({ kind }) => kind === 'wake');
  const started = await attempt(
    starts.map(({ row }) => row),
    () => deliverStarts(client, starts),
  );
  const failed = [...unreadable, ...started.failed];
  const isRead = started.result === 'reads its row';
  if (isRead || started.failed.some(({ unavailable }) => unavailable)) {
    return { done: isRead ? [...started.done, ...wakes] : [], failed };
  }
  const [reason] = wakes.map(reasonOf);
  if (reason === undefined && started.result !== 'to be woken') return { ...started, failed };
  const [first] = run;
  const woken = await attempt([...started.done, ...wakes], () =>
    wake(client, first?.subject ?? '', reason ?? 'row changed'),
  );
  return { done: woken.done, failed: [...failed, ...woken.failed] };
}

interface Attempt<T> extends Delivery {
  readonly result?: T;
}

/** One call for these rows. */
async function attempt<T>(rows: readonly OutboxRow[], call: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { result: await call(), done: rows, failed: [] };
  } catch (error) {
    const unavailable = isTemporalUnavailable(error);
    const failure = { error: describeTemporalError(error), unavailable };
    return { done: [], failed: rows.map((row) => ({ row, ...failure })) };
  }
}

interface ReadStart {
  readonly row: OutboxRow;
  readonly start: StartPayload;
}

function readStarts(run: Run): { starts: ReadStart[]; unreadable: FailedRow[] } {
  const starts: ReadStart[] = [];
  const unreadable: FailedRow[] = [];
  for (const row of run.filter(({ kind }) => kind === 'start')) {
    const { data: start, error } = startPayload.safeParse(row.payload);
    if (start === undefined) {
      unreadable.push({ row, error: String(error), unavailable: false });
    } else starts.push({ row, start });
  }
  return { starts, unreadable };
}

/** The strongest start of a workflow makes the others unnecessary. */
async function deliverStarts(
  client: TemporalClient,
  starts: readonly ReadStart[],
): Promise<'reads its row' | 'to be woken' | 'left'> {
  const payloads = starts.map(({ start }) => start);
  const [first] = payloads;
  if (first === undefined) return 'left';
  const strongest = payloads.find(({ replace }) => replace) ?? payloads.find((s) => s.recover);
  if (strongest?.replace === true) await startAnew(client, strongest);
  else if (strongest !== undefined) await startOrWake(client, strongest);
  else if (!(await startOnce(client, first))) {
    return payloads.some((start) => start.wake) ? 'to be woken' : 'left';
  }
  return 'reads its row';
}
