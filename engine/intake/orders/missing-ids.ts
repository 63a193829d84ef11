import type { ClientBase } from 'pg';
import type { OrderSnapshot } from '../../../domain/intake/order-snapshot.js';
import { dueIn, type Store } from '../stores/store.js';

/**
 * Notes the ids between the highest known one and that of a new order, to be asked for after the grace: a gap is a question. Lower
 * ids were noted when the higher one came. Ids of refunds are known. A large jump is noted as a whole.
 */
export async function noteMissingIds(
  tx: ClientBase,
  store: Store,
  { id, refundIds }: OrderSnapshot,
): Promise<void> {
  const { rows } = await tx.query<{ highest: bigint | null; higher: boolean }>(
    `select max(order_id) filter (where order_id < $2) as highest, coalesce(bool_or(order_id > $2), false) as higher
     from (
       (select order_id from store_orders where store = $1 and first_seen <> 'adopted' and order_id <> $2
        order by order_id desc limit 1)
       union all
       (select order_id from store_ids where store = $1 order by order_id desc limit 1)) known`,
    [store.id, id],
  );
  const [row] = rows;
  if (row === undefined || row.higher || row.highest === null || id - row.highest <= 1n) return;
  const dueAt = dueIn(store, store.settings.graceSeconds);
  if (id - row.highest - 1n > BigInt(store.settings.mostIds)) {
    await tx.query(
      `insert into store_jumps (store, after_id, before_id, due_at) values ($1, $2, $3, $4) on conflict do nothing`,
      [store.id, row.highest, id, dueAt],
    );
    return;
  }
  await tx.query(
    `insert into store_ids (store, order_id, due_at)
     select $1, n, $4 from generate_series($2::bigint + 1, $3::bigint - 1) n
     where n <> all ($5::bigint[])
       and not exists (select from store_orders where store = $1 and order_id = n)
     order by n on conflict do nothing`,
    [store.id, row.highest, id, dueAt, refundIds],
  );
}
