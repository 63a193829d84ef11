import type { Pool } from 'pg';
import { failpoint } from '../../../engine/failpoint.js';
import { forEachConcurrently } from '../concurrency.js';
import { backoffMs } from '../timing.js';
import {
  Unavailable,
  type Delivery,
  type Destination,
  type FailedRow,
  type OutboxRow,
  type Run,
} from './destination.js';
import { LeaseRenewal, markRows, type Outcome } from './leases.js';
import { type Take, takeRuns } from './take-rows.js';
import { withTraces } from './traces.js';

/** No delivery begins after this: well within the lease, so that a process that was paused goes on with none of its rows. */
const BATCH_MS = 4_000;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 30_000;
/** Of a row whose part of the destination is down, as a stream without a leader: for so many tries, then as any other. */
const LONGEST_UNAVAILABLE_MS = 1_000;
const UNAVAILABLE_TRIES = 20;

export interface BatchOutcome {
  readonly published: readonly OutboxRow[];
  readonly failed: readonly FailedRow[];
}

/**
 * Takes rows under leases, delivers them outside of any transaction, and marks them. When this process dies or is paused, another
 * relay takes them once the leases have ended, and delivers some a second time. Throws {@link Unavailable}, and changes nothing,
 * when nothing could be delivered because the destination is down.
 */
export async function deliverBatch(
  pool: Pool,
  destination: Destination,
  take: Take = {},
): Promise<BatchOutcome> {
  const until = performance.now() + BATCH_MS;
  const { runs: taken, folded } = await takeRuns(pool, destination, take);
  const runs = await withTraces(pool, taken);
  const rows = runs.flat();
  if (rows.length === 0) return { published: folded, failed: [] };
  const renewal = new LeaseRenewal(
    pool,
    () => rows,
    () => undefined,
  );
  try {
    const { published, failed } = await deliverRuns(pool, destination, { runs, until });
    return { published: [...folded, ...published], failed };
  } finally {
    renewal.stop();
  }
}

async function deliverRuns(
  pool: Pool,
  destination: Destination,
  { runs, until }: { runs: readonly Run[]; until: number },
): Promise<BatchOutcome> {
  const published: OutboxRow[] = [];
  const failed: FailedRow[] = [];
  await forEachConcurrently(runs, destination.concurrency, async (run) => {
    const delivery = await deliverRun(destination, run, until);
    published.push(...delivery.done);
    failed.push(...delivery.failed);
  });
  if (published.length > 0) await failpoint('after-publish-before-mark');
  const [first] = failed;
  const isDown = published.length === 0 && failed.every(({ unavailable }) => unavailable);
  await markRows(pool, outcomesOf(runs.flat(), published, isDown ? [] : failed));
  if (first !== undefined && isDown) throw new Unavailable(first.error);
  return { published, failed };
}

/** An error in one run must not keep the rows of the others from being marked. */
async function deliverRun(destination: Destination, run: Run, until: number): Promise<Delivery> {
  if (performance.now() > until) return { done: [], failed: [] };
  try {
    return await destination.deliver(run, until);
  } catch (error) {
    const failed = run
      .slice(0, 1)
      .map((row) => ({ row, error: String(error), unavailable: false }));
    return { done: [], failed };
  }
}

/** Failed rows are retried with growing delays; those that were not tried are free at once. */
function outcomesOf(
  rows: readonly OutboxRow[],
  published: readonly OutboxRow[],
  failed: readonly FailedRow[],
): Outcome[] {
  const done = new Set(published);
  const failures = new Map(failed.map((failure) => [failure.row, failure]));
  return rows.map((row) => {
    const failure = failures.get(row);
    if (failure === undefined) return { row, done: done.has(row) };
    const isShort = failure.unavailable && row.attempts < UNAVAILABLE_TRIES;
    const longestMs = isShort ? LONGEST_UNAVAILABLE_MS : LONGEST_RETRY_MS;
    const waitMs = backoffMs(row.attempts, FIRST_RETRY_MS, longestMs);
    return { row, done: false, error: failure.error, waitMs };
  });
}
