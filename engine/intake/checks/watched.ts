import type { OrderSnapshot } from '../../../domain/intake/order-snapshot.js';
import { isFinal } from '../../../domain/intake/statuses.js';
import { applySnapshot } from '../orders/apply-snapshot.js';
import { noteDeleted } from '../orders/note-deleted.js';
import { lockOrder } from '../orders/order-row.js';
import { addTrail } from '../orders/trail.js';
import { currentThreshold } from '../thresholds/current.js';
import { databaseTime, dueIn } from '../stores/store.js';
import { tellStuck } from './stuck.js';
import { type Check, inCheck, isUnverifiable, valueOf } from './check.js';

const ORDERS_AT_ONCE = 50;
const AGAIN_SECONDS = 300;

/**
 * Orders that have been in their status for long. The store is asked: another status is an update that was lost, and is taken in;
 * the same one is told once the later of the two thresholds has passed. Gives whether there are more.
 */
export async function checkWatched(check: Check): Promise<boolean> {
  const { store, context } = check;
  const { rows } = await context.pool.query<{ id: bigint }>(
    `select order_id as id from store_orders where store = $1 and due_at <= clock_timestamp()
     order by due_at limit ${ORDERS_AT_ONCE}`,
    [store.id],
  );
  for (const { id } of rows) {
    const order = await ask(check, id);
    if (order === 'unknown' && !isUnverifiable(check)) await again(check, id);
    else await decide(check, id, order);
  }
  return rows.length === ORDERS_AT_ONCE;
}

async function ask(check: Check, id: bigint): Promise<OrderSnapshot | 'gone' | 'unknown'> {
  if (check.api === undefined) return 'unknown';
  const answer = await check.api.order(id);
  const order = await valueOf(check, answer);
  return answer.kind === 'not_found' ? 'gone' : (order ?? 'unknown');
}

async function again(check: Check, id: bigint): Promise<void> {
  await check.context.pool.query(
    'update store_orders set due_at = $3, tries = tries + 1 where store = $1 and order_id = $2',
    [check.store.id, id, dueIn(check.store, AGAIN_SECONDS)],
  );
}

async function decide(
  check: Check,
  id: bigint,
  order: OrderSnapshot | 'gone' | 'unknown',
): Promise<void> {
  const { store } = check;
  await inCheck(check, async (tx) => {
    if (order === 'gone') return noteDeleted(tx, store, id, 'deleted');
    if (order !== 'unknown') await applySnapshot(tx, store, order, 'check');
    const known = await lockOrder(tx, store.id, id);
    if (known === undefined) return;
    const { status, paymentMethod, statusSince } = known;
    const threshold = await currentThreshold(tx, { store: store.id, status, paymentMethod });
    const verifyAt = databaseTime(store, threshold.verifyAfter(statusSince));
    const alertAt = databaseTime(store, threshold.alertAfter(statusSince));
    const now = store.databaseNow;
    const over = isFinal(status) || known.alertedAt !== null;
    // The next look; none once it is told.
    const next = over || now >= alertAt ? null : now >= verifyAt ? alertAt : verifyAt;
    const told = !over && now >= alertAt;
    await tx.query(
      `update store_orders set due_at = $3, disputed = false, alerted_at = case when $4 then clock_timestamp() else alerted_at end
       where store = $1 and order_id = $2`,
      [store.id, id, next, told],
    );
    if (!told) return;
    const verified = order !== 'unknown';
    await tellStuck(tx, store, { orderId: id, status, verified, threshold });
    await addTrail(tx, known, {
      what: 'stuck',
      detail: { status, verified, method: threshold.method },
    });
  });
}
