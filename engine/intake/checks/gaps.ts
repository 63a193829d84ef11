import type { StoreApi } from '../../../adapters/woocommerce/port.js';
import type { OrderSnapshot } from '../../../domain/intake/order-snapshot.js';
import { isDraft, isSubscriptionStatus } from '../../../domain/intake/statuses.js';
import { healIncident, raiseIncident } from '../incidents/raise.js';
import { applySnapshot } from '../orders/apply-snapshot.js';
import { dueIn } from '../stores/store.js';
import { type Check, inCheck, isUnverifiable, valueOf } from './check.js';

const IDS_AT_ONCE = 100;
/** A draft may be placed for a day; then it is deleted. */
const DRAFT_SECONDS = 26 * 3600;
const FIRST_PAUSE_SECONDS = 60;
const LONGEST_PAUSE_SECONDS = 3600;
const STATUSES = [['any'], ['checkout-draft', 'auto-draft', 'trash']] as const;

/** Asks the store for ids of which nothing was heard. Gives whether there are more. */
export async function checkGaps(check: Check): Promise<boolean> {
  const { store, context } = check;
  // They came late, or by another topic.
  await context.pool.query(
    `delete from store_ids i using store_orders o
     where i.store = $1 and i.due_at <= clock_timestamp() and i.class <> 'lost' and o.store = i.store and o.order_id = i.order_id
       and o.status not in ('checkout-draft', 'auto-draft')`,
    [store.id],
  );
  const { rows } = await context.pool.query<{ id: bigint; tries: number }>(
    `select order_id as id, tries from store_ids where store = $1 and due_at <= clock_timestamp()
     order by due_at, order_id limit ${IDS_AT_ONCE}`,
    [store.id],
  );
  if (rows.length === 0) return false;
  const ids = rows.map(({ id }) => id);
  const found = check.api === undefined ? undefined : await askFor(check, check.api, ids);
  if (found !== undefined) {
    await classify(check, ids, found);
    // Now the store has said what they are.
    const unverified = { kind: 'orders_lost', cause: 'unverified', orderIds: ids } as const;
    await inCheck(check, (tx) => healIncident(tx, { store: store.id, ...unverified }));
    return rows.length === IDS_AT_ONCE;
  }
  await postpone(check, ids, Math.max(...rows.map(({ tries }) => tries)));
  return check.api === undefined && rows.length === IDS_AT_ONCE;
}

/** Those of the ids that are orders; undefined where the store did not answer. */
async function askFor(
  check: Check,
  api: StoreApi,
  ids: readonly bigint[],
): Promise<OrderSnapshot[] | undefined> {
  const found: OrderSnapshot[] = [];
  for (const statuses of STATUSES) {
    const query = { include: ids, statuses, orderBy: 'id', page: 1, perPage: IDS_AT_ONCE } as const;
    const page = await valueOf(check, await api.orders(query));
    // An order that cannot be read is neither there nor missing.
    if (page === undefined || page.unreadable.length > 0) return undefined;
    found.push(...page.orders);
  }
  return found;
}

async function classify(
  check: Check,
  ids: readonly bigint[],
  found: readonly OrderSnapshot[],
): Promise<void> {
  const { store } = check;
  const byId = new Map(found.map((order) => [order.id, order]));
  for (const id of ids) {
    const order = byId.get(id);
    await inCheck(check, async (tx) => {
      const isOrder =
        order !== undefined && !isDraft(order.status) && !isSubscriptionStatus(order.status);
      if (isOrder && order.status !== 'trash') {
        await applySnapshot(tx, store, order, 'gap');
        return;
      }
      const known =
        order === undefined || isSubscriptionStatus(order.status) ? 'explained' : undefined;
      const answer = known ?? (order?.status === 'trash' ? 'deleted' : 'draft');
      const dueAt = answer === 'draft' ? dueIn(store, DRAFT_SECONDS) : null;
      await tx.query(
        `update store_ids set class = $3, due_at = $4, tries = 0 where store = $1 and order_id = $2`,
        [store.id, id, answer, dueAt],
      );
    });
  }
}

/** Nothing is said of an id before the store was asked; where it cannot be, people are told so. */
async function postpone(check: Check, ids: readonly bigint[], tries: number): Promise<void> {
  const { store } = check;
  const pause = Math.min(FIRST_PAUSE_SECONDS * 2 ** tries, LONGEST_PAUSE_SECONDS);
  const unverifiable = isUnverifiable(check);
  await inCheck(check, async (tx) => {
    await tx.query(
      `update store_ids set class = 'unknown', tries = tries + 1, due_at = $3
       where store = $1 and order_id = any ($2)`,
      [store.id, ids, check.api === undefined ? null : dueIn(store, pause)],
    );
    if (!unverifiable) return;
    await raiseIncident(tx, {
      ...{ store: store.id, kind: 'orders_lost', cause: 'unverified', verified: false },
      summary:
        'Ids of which no delivery told may be lost orders, or anything else that a store numbers. The store could not be asked.',
      orderIds: ids,
    });
  });
}

/** A jump of ids is as often an import as a burst of losses: the orders of that time are listed instead. */
export async function checkJumps(check: Check): Promise<void> {
  const { store, context, api } = check;
  const { rows } = await context.pool.query<{
    afterId: bigint;
    beforeId: bigint;
    from: Date;
    to: Date;
  }>(
    `select j.after_id as "afterId", j.before_id as "beforeId", a.created_at - interval '1 day' as "from", b.created_at + interval '1 day' as "to"
     from store_jumps j join store_orders a on a.store = j.store and a.order_id = j.after_id
     join store_orders b on b.store = j.store and b.order_id = j.before_id
     where j.store = $1 and j.due_at <= clock_timestamp() limit 10`,
    [store.id],
  );
  for (const { afterId, beforeId, from, to } of rows) {
    const found =
      api === undefined ? [] : await listBetween(check, api, { afterId, beforeId, from, to });
    if (found === undefined) return;
    for (const order of found) {
      await inCheck(check, (tx) => applySnapshot(tx, store, order, 'gap'));
    }
    await context.pool.query(
      'update store_jumps set due_at = null, found = $4 where store = $1 and after_id = $2 and before_id = $3',
      [store.id, afterId, beforeId, found.length],
    );
  }
}

interface Jump {
  readonly afterId: bigint;
  readonly beforeId: bigint;
  readonly from: Date;
  readonly to: Date;
}

async function listBetween(
  check: Check,
  api: StoreApi,
  { afterId, beforeId, from, to }: Jump,
): Promise<OrderSnapshot[] | undefined> {
  const found: OrderSnapshot[] = [];
  for (let page = 1; ; page += 1) {
    const window = { createdAfter: from, createdBefore: to, statuses: ['any'] };
    const answer = await valueOf(
      check,
      await api.orders({ ...window, orderBy: 'id', page, perPage: 100 }),
    );
    if (answer === undefined) return undefined;
    found.push(...answer.orders.filter(({ id }) => id > afterId && id < beforeId));
    if (page >= answer.pages) return found;
  }
}
