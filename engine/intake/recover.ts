import { Refusal } from '../../domain/refusal.js';
import { storeWorkflowId } from '../../domain/names/workflows.js';
import { transact } from '../context.js';
import { enqueueWake } from '../outbox.js';
import { reconcile } from './checks/reconcile.js';
import type { IntakeContext } from './context.js';
import { connectTo, readStore } from './stores/store.js';

export interface Recovered {
  /** Orders that the store says were modified since, drafts left out. */
  readonly found: number;
  /** Of those, taken in or brought up to date; null in a preview. */
  readonly changed: number | null;
  /** Where to go on, if not all was read; null at the end, and in a preview. */
  readonly nextSince: Date | null;
}

export interface Recovery {
  readonly since: Date;
  readonly preview: boolean;
  /** Ends after so many runs of two thousand orders. Default: at the end. */
  readonly mostRuns?: number;
}

/**
 * Reads a store's orders modified since a time, without telling anybody about them: nothing is mailed to customers. The preview
 * counts them only. Throws Refusal `store.not_found`, `store.no_key`.
 */
export async function recoverSince(
  context: IntakeContext,
  id: string,
  { since, preview, mostRuns = Infinity }: Recovery,
): Promise<Recovered> {
  let from = since;
  const store = await readStore(context.pool, id);
  const api = connectTo(context, store);
  if (api === undefined) throw new Refusal('store.no_key', `store ${id} has no API key`);
  const query = { modifiedAfter: from, statuses: ['any'], orderBy: 'modified' } as const;
  const count = await api.orders({ ...query, page: 1, perPage: 1 });
  if (count.kind !== 'ok') throw new Refusal('service.unavailable', `store ${id} does not answer`);
  const found = count.value.total;
  if (preview) return { found, changed: null, nextSince: null };
  let changed = 0;
  for (let runs = 1; ; runs += 1) {
    const read = await reconcile({ context, store, api }, { since: from, source: 'import' });
    if (!read.answered) throw new Refusal('service.unavailable', `store ${id} does not answer`);
    changed += read.changed;
    if (!read.more || read.reached.getTime() <= from.getTime()) {
      return { found, changed, nextSince: null };
    }
    from = read.reached;
    if (runs >= mostRuns) return { found, changed, nextSince: from };
  }
}

/** Has the store's workflow read what was changed, and look at the webhooks and at ids that nothing was heard of, now. */
export async function reconcileNow(context: IntakeContext, id: string): Promise<void> {
  await readStore(context.pool, id);
  await transact(context, async (tx) => {
    await tx.query(
      `update store_tasks set due_at = clock_timestamp() where store = $1 and task in ('reconcile', 'gaps', 'webhooks')`,
      [id],
    );
    await enqueueWake(tx, storeWorkflowId(id), 'reconcile now');
  });
}
