import type { ClientBase } from 'pg';
import { isFinal } from '../../../domain/intake/statuses.js';
import { databaseTime, type Store } from '../stores/store.js';
import { currentThreshold } from '../thresholds/current.js';

export interface Stay {
  readonly orderId: bigint;
  readonly status: string;
  readonly paymentMethod: string;
  /** In the store's time. */
  readonly since: Date;
}

/** Sets when an order is looked at for being stuck in its status: not at all where nothing more has to happen. */
export async function watchFrom(tx: ClientBase, store: Store, stay: Stay): Promise<void> {
  const { orderId, status, paymentMethod, since } = stay;
  let dueAt: Date | null = null;
  if (!isFinal(status)) {
    const threshold = await currentThreshold(tx, { store: store.id, status, paymentMethod });
    dueAt = databaseTime(store, threshold.verifyAfter(since));
  }
  await tx.query(
    `update store_orders set due_at = $3::timestamptz, since = $3::timestamptz, tries = 0, alerted_at = null
     where store = $1 and order_id = $2`,
    [store.id, orderId, dueAt],
  );
}
