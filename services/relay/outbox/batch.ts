import type { Pool } from 'pg';
import { failpoint } from '../../../engine/failpoint.js';
import { inTransaction } from '../../../db/transaction.js';
import { forEachConcurrently } from '../concurrently.js';
import { claim } from './claim.js';
import { Unavailable, type Delivery, type Destination } from './destination.js';
import { markFailed, markPublished, type FailedRow } from './mark.js';
import type { OutboxRow, Run } from './row.js';

/** The rows' locks are held, and their transaction is open, for not much longer than this. */
const BATCH_MS = 5_000;

export interface BatchOutcome {
  readonly published: readonly OutboxRow[];
  readonly failed: readonly FailedRow[];
}

/**
 * Claims, delivers and marks in one transaction: when this process dies, the locks are gone and somebody else delivers the rows,
 * some of them again. Throws {@link Unavailable}, and changes nothing, when nothing went through because of the destination.
 */
export function deliverBatch(pool: Pool, destination: Destination): Promise<BatchOutcome> {
  return inTransaction(pool, async (tx) => {
    const runs = await claim(tx, destination.name, destination.limits);
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
    await markPublished(
      tx,
      published.map(({ id }) => id),
    );
    await markFailed(tx, failed);
    return { published, failed };
  });
}

/** One that cannot be handled at all must not keep the others from being marked. */
async function deliverRun({ deliver }: Destination, run: Run, until: number): Promise<Delivery> {
  if (Date.now() > until) return { delivered: 0 };
  try {
    return await deliver(run, until);
  } catch (error) {
    return { delivered: 0, failure: { error: String(error), unavailable: false } };
  }
}
