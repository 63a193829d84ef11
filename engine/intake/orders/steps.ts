import type { ClientBase } from 'pg';
import type { OrderSnapshot } from '../../../domain/intake/order-snapshot.js';
import type { Store } from '../stores/store.js';

/** The first stay of an order. */
export async function openStep(
  tx: ClientBase,
  store: Store,
  { id, status, paymentMethod }: OrderSnapshot,
  since: Date,
): Promise<void> {
  await tx.query(
    `insert into store_order_steps (store, order_id, n, status, entered_at, payment_method)
     select $1, $2, coalesce(max(n), 0) + 1, $3, $4, $5 from store_order_steps where store = $1 and order_id = $2`,
    [store.id, id, status, since, paymentMethod],
  );
}

/** Ends the stay that is open and begins the next. `healed`: the store had to be asked for it. */
export async function replaceStep(
  tx: ClientBase,
  store: Store,
  snapshot: OrderSnapshot,
  { since, healed }: { readonly since: Date; readonly healed: boolean },
): Promise<void> {
  await tx.query(
    `update store_order_steps set left_at = greatest(entered_at, $3), healed = $4
     where store = $1 and order_id = $2 and left_at is null`,
    [store.id, snapshot.id, since, healed],
  );
  await openStep(tx, store, snapshot, since);
}
