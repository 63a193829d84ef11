import type { ClientBase, Pool } from 'pg';
import { inTransaction } from '../../db/transaction.js';
import { Refusal } from '../../domain/refusal.js';
import { findItem, noItem } from './find-item.js';
import { cancelTimers } from './timers/cancel-timers.js';

/**
 * Blanks an item of an account: its place in a thread stays, and what it says is gone. Nothing can be paid for it any more; what is
 * being paid for it goes back. Again is the same as once. Throws Refusal `item.not_found` or `item.not_own`.
 */
export function deleteItem(pool: Pool, itemId: string, accountId: string): Promise<void> {
  return inTransaction(pool, async (tx) => {
    // Those who count what is paid for it hold a key-share lock until they have committed.
    await tx.query('select from items where id = $1 for update', [itemId]);
    const item = await findItem(tx, itemId);
    if (item === undefined) throw noItem(itemId);
    if (item.author !== accountId) {
      if (item.state !== 'PAID' || item.stopped) throw noItem(itemId);
      throw new Refusal('item.not_own', `item ${itemId} is of another author`);
    }
    await blankItem(tx, itemId);
  });
}

/** What it says is gone, and what its text asked for later. Its row is locked for update. */
export async function blankItem(tx: ClientBase, itemId: string): Promise<void> {
  await tx.query(
    `with blanked as (
       update items set title = case when title is not null then '[deleted]' end, text = '', url = null, job = null,
         poll_cost_msat = null, deleted_at = clock_timestamp()
       where id = $1 and deleted_at is null returning id, action_id),
     unforwarded as (delete from item_forwards where item_id in (select id from blanked))
     delete from exclusive_keys where until is null and action_id in (select action_id from blanked)`,
    [itemId],
  );
  await cancelTimers(tx, itemId, null);
}
