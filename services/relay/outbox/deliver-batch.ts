import type { ClientBase, Pool } from 'pg';
import { failpoint } from '../../../engine/failpoint.js';
import { inTransaction } from '../../../db/transaction.js';
import { forEachConcurrently } from '../concurrency.js';
import { backoffMs } from '../timing.js';
import {
  Unavailable,
  type Delivery,
  type Destination,
  type OutboxRow,
  type Run,
} from './destination.js';
import { takeRows } from './take-rows.js';

/** The transaction that locks the rows stays open for not much longer than this. */
const BATCH_MS = 5_000;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 30_000;
const LONGEST_ERROR = 500;

export interface FailedRow {
  readonly row: OutboxRow;
  readonly error: string;
}

export interface BatchOutcome {
  readonly published: readonly OutboxRow[];
  readonly failed: readonly FailedRow[];
}

/**
 * Takes, delivers and marks rows in one transaction: when this process dies, their locks are released and another relay delivers
 * them, some a second time. Throws {@link Unavailable}, and changes nothing, when nothing could be delivered because the
 * destination is down.
 */
export function deliverBatch(pool: Pool, destination: Destination): Promise<BatchOutcome> {
  return inTransaction(pool, async (tx) => {
    const runs = await takeRows(tx, destination.name, destination.limits);
    const published: OutboxRow[] = [];
    const failed: (FailedRow & { unavailable: boolean })[] = [];
    const until = Date.now() + BATCH_MS;
    await forEachConcurrently(runs, destination.concurrency, async (run) => {
      const { delivered, failure } = await deliverRun(destination, run, until);
      published.push(...run.slice(0, delivered));
      const row = run[delivered];
      if (failure !== undefined && row !== undefined) failed.push({ row, ...failure });
    });
    const [first] = failed;
    if (first !== undefined && published.length === 0 && failed.every((f) => f.unavailable)) {
      throw new Unavailable(first.error);
    }
    if (published.length > 0) await failpoint('after-publish-before-mark');
    await markPublished(tx, published);
    await markFailed(tx, failed);
    return { published, failed };
  });
}

/** An error in one run must not keep the rows of the others from being marked. */
async function deliverRun({ deliver }: Destination, run: Run, until: number): Promise<Delivery> {
  if (Date.now() > until) return { delivered: 0 };
  try {
    return await deliver(run, until);
  } catch (error) {
    return { delivered: 0, failure: { error: String(error), unavailable: false } };
  }
}

async function markPublished(tx: ClientBase, rows: readonly OutboxRow[]): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(
    'update outbox set published_at = clock_timestamp() where id = any($1::bigint[])',
    [rows.map(({ id }) => id)],
  );
}

/** They are retried with growing delays, and hold back the rows of their key until then. */
async function markFailed(tx: ClientBase, failed: readonly FailedRow[]): Promise<void> {
  if (failed.length === 0) return;
  await tx.query(
    `update outbox o
     set attempts = o.attempts + 1, last_error = f.error,
         available_at = clock_timestamp() + f.wait_ms * interval '1 millisecond'
     from unnest($1::bigint[], $2::text[], $3::float8[]) as f (id, error, wait_ms)
     where o.id = f.id`,
    [
      failed.map(({ row }) => row.id),
      failed.map(({ error }) => storable(error)),
      failed.map(({ row }) => backoffMs(row.attempts, FIRST_RETRY_MS, LONGEST_RETRY_MS)),
    ],
  );
}

/** PostgreSQL's text cannot hold zero bytes; one in an error must not make the whole marking fail. */
function storable(text: string): string {
  return text.replaceAll('\0', '').slice(0, LONGEST_ERROR);
}
