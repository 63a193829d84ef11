import { storeWorkflowId } from '../../../domain/names/workflows.js';
import { transact } from '../../context.js';
import { enqueueWake } from '../../outbox.js';
import type { IntakeContext } from '../context.js';
import { removeWebhooks, type RemovedWebhooks } from './remove-webhooks.js';
import { readStore } from './store.js';

/**
 * Looks after the store no longer: its workflow ends, its deliveries are answered with 404, and what waits to be mailed is not. All that
 * is known of it stays, and can be read and erased. Then its webhooks are deleted at the store, where the key may write; the answer says
 * which remain. Closing it again tries that again. Throws Refusal `store.not_found`.
 */
export async function closeStore(context: IntakeContext, id: string): Promise<RemovedWebhooks> {
  const store = await readStore(context.pool, id);
  await transact(context, async (tx) => {
    const { rowCount } = await tx.query(
      'update stores set closed_at = clock_timestamp(), due_at = null where id = $1 and closed_at is null',
      [id],
    );
    if (rowCount !== 1) return;
    await tx.query(
      `update incidents set healed_at = clock_timestamp(), healed_by = 'operator', due_at = null where store = $1 and healed_at is null`,
      [id],
    );
    await enqueueWake(tx, storeWorkflowId(id), 'the store is closed');
  });
  return removeWebhooks(context, store);
}
