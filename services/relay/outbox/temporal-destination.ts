import { z } from 'zod';
import type { TemporalClient } from '../../shared/temporal.js';
import type { Logger } from '../../shared/logger.js';
import { registerSearchAttributes } from '../../shared/search-attributes.js';
import {
  Unavailable,
  type Delivery,
  type Destination,
  type OutboxRow,
  type Run,
} from './destination.js';
import { startOnce, startOrWake, startPayload, wake } from './temporal-calls.js';
import {
  describeTemporalError,
  isForbiddenOrAbsent,
  isTemporalUnavailable,
} from './temporal-errors.js';

const KEYS_PER_BATCH = 100;
const ROWS_PER_BATCH = 400;
const CALLS_AT_ONCE = 40;
const PREPARE_TIMEOUT_MS = 5_000;

/** Starts workflows, and wakes running ones. */
export function temporalDestination(
  client: TemporalClient,
  namespace: string,
  logger: Logger,
): Destination {
  return {
    name: 'temporal',
    throttledByMessages: true,
    limits: { keys: KEYS_PER_BATCH, rows: ROWS_PER_BATCH },
    concurrency: CALLS_AT_ONCE,
    prepare: () => prepare(client, namespace, logger),
    deliver: (run, until) => deliverInOrder(client, run, until),
  };
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

/**
 * The workflow reads rows in which everything is stored that happened before the run was taken. One wake is therefore enough for
 * all of them, and a start makes the wakes after it unnecessary. This saves calls to Temporal, the first server to reach its limit.
 */
async function deliverInOrder(client: TemporalClient, run: Run, until: number): Promise<Delivery> {
  let delivered = 0;
  let woken = false;
  let started = false;
  for (const row of run) {
    if (Date.now() > until) break;
    try {
      if (row.kind === 'start') {
        started ||= await deliverStart(client, row);
      } else if (!started && !woken) {
        await wake(client, row.subject, reasonOf(row));
        woken = true;
      }
      delivered += 1;
    } catch (error) {
      const unavailable = isTemporalUnavailable(error);
      return { delivered, failure: { error: describeTemporalError(error), unavailable } };
    }
  }
  return { delivered };
}

const wakePayload = z.object({ reason: z.string() });

/** Rows of an earlier release have none. */
function reasonOf({ payload }: OutboxRow): string {
  return wakePayload.safeParse(payload).data?.reason ?? 'row changed';
}

/** Returns whether the workflow will read its row from now on. */
async function deliverStart(client: TemporalClient, row: OutboxRow): Promise<boolean> {
  const start = startPayload.parse(row.payload);
  if (!start.recover) return startOnce(client, start);
  await startOrWake(client, start);
  return true;
}
