import type { ClientBase } from 'pg';
import { applyLeftEvents, EVENTS_AT_ONCE } from '../events/left-events.js';
import { raiseIncident } from '../incidents/raise.js';
import { addTrail } from '../orders/trail.js';
import type { Store } from '../stores/store.js';
import { type Check, inCheck } from './check.js';

const ORDERS_AT_ONCE = 200;

interface Judged {
  readonly orderId: bigint;
  readonly createdHeard: boolean;
  readonly heard: boolean;
  readonly heardAll: boolean;
}

/**
 * Judges orders whose deliveries should have come by now. Never heard of: lost, and taken in from the store. Updated but never
 * announced: the first detection. Changed without a delivery: a lost update, healed already.
 */
export async function judgeOrders(check: Check): Promise<boolean> {
  const { store } = check;
  if (!(await applyReceived(check))) return true;
  return inCheck(check, async (tx) => {
    const { rows } = await tx.query<Judged>(
      `with due as (
         select order_id from store_orders where store = $1 and judged_due_at <= clock_timestamp()
         order by judged_due_at limit ${ORDERS_AT_ONCE} for update skip locked)
       update store_orders o set judged_due_at = null from due
       where o.store = $1 and o.order_id = due.order_id
       returning o.order_id as "orderId", created_event_at is not null or created_at < $2 as "createdHeard",
         heard_modified_at is not null as heard, coalesce(heard_modified_at >= modified_at, false) as "heardAll"`,
      [store.id, store.installedAt],
    );
    await tell(
      tx,
      store,
      'lost',
      rows.filter(({ heard, createdHeard }) => !heard && !createdHeard),
    );
    await tell(
      tx,
      store,
      'created_missing',
      rows.filter(({ heard, createdHeard }) => heard && !createdHeard),
    );
    await tell(
      tx,
      store,
      'update_lost',
      rows.filter(({ createdHeard, heardAll }) => createdHeard && !heardAll),
    );
    return rows.length === ORDERS_AT_ONCE;
  });
}

/** A delivery that was received and not applied yet is late by our own fault. Gives false while more of them wait. */
async function applyReceived({ context, store }: Check): Promise<boolean> {
  const { rowCount } = await context.pool.query(
    'select from store_orders where store = $1 and judged_due_at <= clock_timestamp() limit 1',
    [store.id],
  );
  if (rowCount === 0) return true;
  return (await applyLeftEvents(context, store.id, 0)) < EVENTS_AT_ONCE;
}

type Finding = 'lost' | 'created_missing' | 'update_lost';

/** What the store or a delivery itself says: verified. */
const TOLD = {
  lost: {
    kind: 'orders_lost',
    cause: 'orders',
    says: 'were placed that no delivery told of; they were taken in',
  },
  created_missing: {
    kind: 'created_missing',
    cause: 'created',
    says: 'were updated but never announced; they were taken in',
  },
  update_lost: {
    kind: 'orders_lost',
    cause: 'updates',
    says: 'changed without a delivery; they were brought up to date',
  },
} as const;

async function tell(
  tx: ClientBase,
  store: Store,
  finding: Finding,
  orders: readonly Judged[],
): Promise<void> {
  if (orders.length === 0) return;
  const orderIds = orders.map(({ orderId }) => orderId).sort((a, b) => (a < b ? -1 : 1));
  const { kind, cause, says } = TOLD[finding];
  const summary = `${orderIds.length} orders ${says}.`;
  await raiseIncident(tx, { store: store.id, kind, cause, summary, orderIds, verified: true });
  for (const orderId of orderIds)
    await addTrail(tx, { store: store.id, orderId }, { what: finding });
  if (finding !== 'lost') return;
  await tx.query(
    `insert into store_ids (store, order_id, class) select $1, unnest($2::bigint[]), 'lost'
     on conflict (store, order_id) do update set class = 'lost', due_at = null`,
    [store.id, orderIds],
  );
}
