import type { ClientBase } from 'pg';
import { storeWorkflowId } from '../../../domain/names/workflows.js';
import { enqueueWake } from '../../outbox.js';

/** There may be something to tell: the store's workflow looks at once. `reason` is for the reader of its history. */
export async function wakeNotices(tx: ClientBase, store: string, reason: string): Promise<void> {
  await tx.query(
    `update store_tasks set due_at = least(due_at, clock_timestamp()) where store = $1 and task = 'notices'`,
    [store],
  );
  await enqueueWake(tx, storeWorkflowId(store), reason);
}
