import type { ClientBase } from 'pg';
import type { OrderSnapshot } from '../../../domain/intake/order-snapshot.js';
import {
  enteredAt,
  isDelivery,
  planSnapshot,
  type SnapshotPlan,
  type SnapshotSource,
} from '../../../domain/intake/plan-snapshot.js';
import { isDraft } from '../../../domain/intake/statuses.js';
import { healIncident } from '../incidents/raise.js';
import { followLateDelivery, followOrder } from '../slips/follow-order.js';
import { dueIn, type Store } from '../stores/store.js';
import { healStuck } from './heal-stuck.js';
import { noteMissingIds } from './missing-ids.js';
import { columnsOf, hashOf, lockOrder, type OrderRow } from './order-row.js';
import { openStep, replaceStep } from './steps.js';
import { addTrail } from './trail.js';
import { watchFrom } from './watch.js';

/**
 * The one way an order changes. In the caller's transaction; gives what was done with the snapshot. `replayed`: somebody had an old
 * delivery taken in, of which customers are told nothing.
 */
export async function applySnapshot(
  tx: ClientBase,
  store: Store,
  snapshot: OrderSnapshot,
  source: SnapshotSource,
  replayed = false,
): Promise<SnapshotPlan> {
  const known = await lockOrder(tx, store.id, snapshot.id);
  const followed = { snapshot, source, replayed };
  if (known === undefined) {
    const firstSeen = await insertOrder(tx, store, snapshot, source);
    // Another was first: its row is locked now.
    if (firstSeen === undefined) return applySnapshot(tx, store, snapshot, source, replayed);
    await followOrder(tx, store, { ...followed, before: null, firstSeen });
    return 'insert';
  }
  const before = { ...followed, before: known, firstSeen: known.firstSeen };
  const plan = planSnapshot(known, snapshot, hashOf(snapshot), source);
  if (plan === 'apply') {
    await updateOrder(tx, store, { known, snapshot, source });
    await followOrder(tx, store, before);
  }
  if (plan === 'dispute') await dispute(tx, known);
  if (isDelivery(source)) {
    await noteHeard(tx, store, known, snapshot, source);
    if (plan === 'same' || plan === 'dispute') await followLateDelivery(tx, store, before);
  }
  if (plan !== 'same') {
    const { status } = snapshot;
    await addTrail(tx, known, { what: plan, detail: { source, status, from: known.status } });
  } else if (known.disputed && !isDelivery(source)) {
    await tx.query('update store_orders set disputed = false where store = $1 and order_id = $2', [
      ...[store.id, known.orderId],
    ]);
  }
  return plan;
}

/** Gives how it was first seen; undefined where it is known meanwhile. */
async function insertOrder(
  tx: ClientBase,
  store: Store,
  snapshot: OrderSnapshot,
  source: SnapshotSource,
): Promise<string | undefined> {
  const { id: orderId, status, createdAt, modifiedAt } = snapshot;
  const isOld = createdAt.getTime() < store.installedAt.getTime();
  const heard = isDelivery(source);
  const firstSeen = source !== 'created' && isOld ? 'adopted' : firstSeenOf(source);
  const judged = isOld || isUntold(status) || source === 'created' || source === 'import';
  const since = enteredAt(snapshot, null);
  const { rowCount } = await tx.query(
    `insert into store_orders (store, order_id, status, number, currency, total, created_via, payment_method, created_at, modified_at,
       paid_at, completed_at, snapshot, snapshot_hash, status_since, first_seen, created_event_at, heard_modified_at, judged_due_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,
       case when $17 then clock_timestamp() end, $18, $19)
     on conflict do nothing`,
    [
      ...[store.id, orderId, ...columnsOf(snapshot), since, firstSeen, source === 'created'],
      heard ? modifiedAt : null,
      judged ? null : judgedAt(store, snapshot, source),
    ],
  );
  if (rowCount !== 1) return undefined;
  await openStep(tx, store, snapshot, since);
  await tx.query('delete from store_ids where store = $1 and order_id = $2', [store.id, orderId]);
  if (!isOld) await noteMissingIds(tx, store, snapshot);
  await watchFrom(tx, store, { orderId, status, paymentMethod: snapshot.paymentMethod, since });
  await addTrail(tx, { store: store.id, orderId }, { what: firstSeen, detail: { source, status } });
  return firstSeen;
}

/** Nothing has to be delivered of it. */
function isUntold(status: string): boolean {
  return isDraft(status) || status === 'trash';
}

function firstSeenOf(source: SnapshotSource): string {
  if (source === 'restored') return 'updated';
  return source === 'check' ? 'reconcile' : source;
}

/** By then a delivery must have told of it. What the store itself still had to tell when it was asked gets the same time. */
function judgedAt(store: Store, snapshot: OrderSnapshot, source: SnapshotSource): Date {
  const age = (store.storeNow.getTime() - snapshot.modifiedAt.getTime()) / 1000;
  const { graceSeconds } = store.settings;
  return dueIn(store, isDelivery(source) ? graceSeconds : Math.max(0, graceSeconds - age));
}

interface Change {
  readonly known: OrderRow;
  readonly snapshot: OrderSnapshot;
  readonly source: SnapshotSource;
}

async function updateOrder(
  tx: ClientBase,
  store: Store,
  { known, snapshot, source }: Change,
): Promise<void> {
  const { id: orderId, status, paymentMethod } = snapshot;
  const moved = status !== known.status;
  const since = moved ? enteredAt(snapshot, known.statusSince) : known.statusSince;
  await tx.query(
    `update store_orders set status = $3, number = $4, currency = $5, total = $6, created_via = $7, payment_method = $8,
       created_at = $9, modified_at = $10, paid_at = $11, completed_at = $12, snapshot_hash = $14,
       snapshot = case when erased_at is null then $13::jsonb else snapshot end,
       status_since = $15, disputed = false, judged_due_at = coalesce(judged_due_at, $16)
     where store = $1 and order_id = $2`,
    [
      store.id,
      orderId,
      ...columnsOf(snapshot),
      since,
      toBeJudged(store, { known, snapshot, source }),
    ],
  );
  if (!moved) return;
  await replaceStep(tx, store, snapshot, { since, healed: !isDelivery(source) });
  await watchFrom(tx, store, { orderId, status, paymentMethod, since });
  await healStuck(tx, known);
}

/**
 * A draft that was placed must be announced, and a change that the store's API told of must be delivered. A later date alone is no
 * change: opening an order in the store's pages may move it. Nothing is delivered as `updated` for the trash.
 */
function toBeJudged(store: Store, { known, snapshot, source }: Change): Date | null {
  if (isUntold(snapshot.status) || known.status === 'trash') return null;
  const placed = isDraft(known.status) && known.createdEventAt === null && source !== 'created';
  const isNew = snapshot.createdAt.getTime() >= store.installedAt.getTime();
  if (placed && isNew) return judgedAt(store, snapshot, source);
  if (isDelivery(source) || source === 'import') return null;
  const changed =
    snapshot.status !== known.status || Number(snapshot.total) !== Number(known.total);
  return changed ? judgedAt(store, snapshot, source) : null;
}

async function dispute(tx: ClientBase, { store, orderId }: OrderRow): Promise<void> {
  await tx.query(
    `update store_orders set disputed = true, due_at = clock_timestamp(), since = coalesce(since, clock_timestamp())
     where store = $1 and order_id = $2`,
    [store, orderId],
  );
}

async function noteHeard(
  tx: ClientBase,
  store: Store,
  known: OrderRow,
  { modifiedAt }: OrderSnapshot,
  source: SnapshotSource,
): Promise<void> {
  const { rows } = await tx.query<{ settled: boolean }>(
    `update store_orders set heard_modified_at = greatest(heard_modified_at, $3),
       created_event_at = case when $4 then coalesce(created_event_at, clock_timestamp()) else created_event_at end
     where store = $1 and order_id = $2
     returning created_event_at is not null and heard_modified_at >= modified_at as settled`,
    [store.id, known.orderId, modifiedAt, source === 'created'],
  );
  if (rows[0]?.settled === true) {
    await tx.query(
      'update store_orders set judged_due_at = null where store = $1 and order_id = $2 and judged_due_at is not null',
      [store.id, known.orderId],
    );
  }
  if (source !== 'created' || known.createdEventAt !== null) return;
  const orderIds = [known.orderId];
  await healIncident(tx, { store: store.id, kind: 'created_missing', cause: 'created', orderIds });
}
