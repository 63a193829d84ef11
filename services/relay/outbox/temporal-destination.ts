import type { TemporalClient } from '../../shared/temporal.js';
import type { Logger } from '../../shared/logger.js';
import { registerSearchAttributes } from '../../shared/search-attributes.js';
import { Unavailable, type Delivery, type Destination } from './destination.js';
import type { OutboxRow, Run } from './row.js';
import { startPayload } from './start-payload.js';
import { startOnce, startOrWake, wake } from './temporal-calls.js';
import {
  describeTemporalError,
  isForbiddenOrAbsent,
  isTemporalUnavailable,
} from './temporal-errors.js';

const KEYS_PER_BATCH = 100;
const ROWS_PER_BATCH = 400;
const CALLS_AT_ONCE = 40;
const PREPARE_TIMEOUT_MS = 5_000;

/** Starts of workflows, and wakes of those that run. */
export function temporalDestination(
  client: TemporalClient,
  namespace: string,
  logger: Logger,
): Destination {
  return {
    name: 'temporal',
    isThrottled: true,
    limits: { keys: KEYS_PER_BATCH, rows: ROWS_PER_BATCH },
    concurrency: CALLS_AT_ONCE,
    prepare: () => prepare(client, namespace, logger),
    deliver: (run, until) => deliverInOrder(client, run, until),
  };
}

/** Temporal may have come back without its data: it refuses starts until it knows our search attributes. */
async function prepare(client: TemporalClient, namespace: string, logger: Logger): Promise<void> {
  try {
    const missing = await client.withDeadline(Date.now() + PREPARE_TIMEOUT_MS, () =>
      registerSearchAttributes(client.connection, namespace),
    );
    if (missing.length > 0) logger.info({ missing }, 'registered search attributes');
  } catch (error) {
    const reason = describeTemporalError(error);
    if (!isForbiddenOrAbsent(error)) throw new Unavailable(reason);
    logger.warn({ reason }, 'search attributes cannot be registered here: an operator has to');
  }
}

/**
 * What happened before the run was claimed is in the rows that the workflow reads, so that one wake stands for all, and a start
 * for the wakes after it: Temporal's server is what runs out first.
 */
async function deliverInOrder(client: TemporalClient, run: Run, until: number): Promise<Delivery> {
  let delivered = 0;
  let awake = false;
  let started = false;
  for (const row of run) {
    if (Date.now() > until) break;
    try {
      if (row.kind === 'start') {
        started ||= await deliverStart(client, row);
      } else if (!started && !awake) {
        await wake(client, row.subject);
        awake = true;
      }
      delivered += 1;
    } catch (error) {
      const unavailable = isTemporalUnavailable(error);
      return { delivered, failure: { error: describeTemporalError(error), unavailable } };
    }
  }
  return { delivered };
}

/** Whether the workflow will read its row from now on. */
async function deliverStart(client: TemporalClient, row: OutboxRow): Promise<boolean> {
  const start = startPayload.parse(row.payload);
  if (!start.recover) return startOnce(client, start);
  await startOrWake(client, start);
  return true;
}
