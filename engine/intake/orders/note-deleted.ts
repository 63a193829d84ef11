import type { ClientBase } from 'pg';
import { voidSlips } from '../slips/slip-rows.js';
import type { Store } from '../stores/store.js';
import { healStuck } from './heal-stuck.js';
import { lockOrder } from './order-row.js';
import { addTrail } from './trail.js';

/** The store says that the order is in the trash, or gone: nothing is expected of it any more. */
export async function noteDeleted(
  tx: ClientBase,
  store: Store,
  orderId: bigint,
  status: 'trash' | 'deleted',
): Promise<void> {
  const known = await lockOrder(tx, store.id, orderId);
  if (known === undefined) {
    await tx.query(
      `insert into store_ids (store, order_id, class) values ($1, $2, 'deleted')
       on conflict (store, order_id) do update set class = 'deleted', due_at = null`,
      [store.id, orderId],
    );
    return;
  }
  if (known.status === status) return;
  await tx.query(
    `with left_step as (
       update store_order_steps set left_at = greatest(entered_at, $4) where store = $1 and order_id = $2 and left_at is null)
     update store_orders set status = $3, status_since = $4, due_at = null, since = null, judged_due_at = null, disputed = false
     where store = $1 and order_id = $2`,
    [store.id, orderId, status, store.storeNow],
  );
  await addTrail(tx, known, { what: status, detail: { from: known.status } });
  await healStuck(tx, known);
  await voidSlips(tx, { store: store.id, orderId });
}
