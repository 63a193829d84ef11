import type { OrderPage, StoreApi } from '../../../adapters/woocommerce/port.js';
import { isDatabaseUnavailable } from '../../../db/errors.js';
import { healIncident, raiseIncident } from '../incidents/raise.js';
import type { SnapshotSource } from '../../../domain/intake/plan-snapshot.js';
import { applySnapshot } from '../orders/apply-snapshot.js';
import { storeTime } from '../stores/store.js';
import { type Check, inCheck, valueOf } from './check.js';

const PER_PAGE = 100;
/** Pages per run, so that a run ends soon; the next one goes on at the watermark. */
const MOST_PAGES = 20;
/** The store is asked by the second, and writes with its own delay: what is younger is left to the next run. */
const SETTLED_SECONDS = 2;
/** `any` leaves out drafts and the trash, and no list of names holds the statuses of plugins. */
const STATUSES = [['any'], ['checkout-draft', 'auto-draft', 'trash']] as const;

export interface Reconciled {
  /** False where the store did not answer. */
  readonly answered: boolean;
  readonly read: number;
  readonly changed: number;
  /** More is to be read at once. */
  readonly more: boolean;
  /** All that was modified before is applied. */
  readonly reached: Date;
}

/**
 * Reads all orders that were modified since the watermark, with an overlap, and applies them. The watermark never passes an order
 * that could not be read or applied. `since` reads from there, and leaves the watermark as it is.
 */
export async function reconcile(
  check: Check,
  { since, source = 'reconcile' }: { since?: Date; source?: SnapshotSource } = {},
): Promise<Reconciled> {
  const { api, store } = check;
  if (api === undefined) return { ...NOTHING, answered: false, reached: store.watermark };
  const { overlapSeconds } = store.settings;
  const from = since ?? new Date(store.watermark.getTime() - overlapSeconds * 1000);
  const until = storeTime(store, -SETTLED_SECONDS);
  const sum = { ...NOTHING };
  let reached = until;
  let failed = false;
  for (const statuses of STATUSES) {
    const one = await readWindow({ check, api, statuses, source }, from, until);
    if (one === undefined) return { ...sum, answered: false, reached: from };
    sum.read += one.read;
    sum.changed += one.changed;
    sum.more ||= one.more;
    failed ||= one.failed;
    if (one.reached.getTime() < reached.getTime()) reached = one.reached;
  }
  if (since === undefined) await moveWatermark(check, reached, failed);
  return { ...sum, more: sum.more && reached.getTime() > store.watermark.getTime(), reached };
}

const NOTHING = { answered: true, read: 0, changed: 0, more: false };

interface Window {
  readonly check: Check;
  readonly api: StoreApi;
  readonly statuses: readonly string[];
  readonly source: SnapshotSource;
}

interface WindowRead {
  read: number;
  changed: number;
  more: boolean;
  failed: boolean;
  /** All before it is applied. */
  reached: Date;
}

/** By the time of modification, not by page: orders that are modified meanwhile would move others over the pages' edges. */
async function readWindow(
  window: Window,
  from: Date,
  until: Date,
): Promise<WindowRead | undefined> {
  const { check, api, statuses } = window;
  const sum: WindowRead = { read: 0, changed: 0, more: false, failed: false, reached: until };
  let after = from;
  let page = 1;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const query = { modifiedAfter: after, modifiedBefore: until, statuses, page };
    const answer = await valueOf(
      check,
      await api.orders({ ...query, orderBy: 'modified', perPage: PER_PAGE }),
    );
    if (answer === undefined) return undefined;
    const { changed, failedAt } = await applyPage(window, answer);
    sum.read += answer.orders.length;
    sum.changed += changed;
    if (failedAt !== undefined) {
      sum.failed = true;
      const stop = failedAt ?? after;
      if (stop.getTime() < sum.reached.getTime()) sum.reached = stop;
    }
    if (answer.page >= answer.pages) return sum;
    // Bounds are exclusive: one second less reads the last second again.
    const last = answer.orders.at(-1)?.modifiedAt.getTime() ?? after.getTime();
    if (last - 1000 > after.getTime()) {
      after = new Date(last - 1000);
      page = 1;
    } else page += 1;
  }
  if (after.getTime() < sum.reached.getTime()) sum.reached = after;
  return { ...sum, more: true };
}

/** `failedAt`: null where it is not known when the order was modified. */
async function applyPage(
  { check, source }: Window,
  { orders, unreadable }: OrderPage,
): Promise<{ changed: number; failedAt?: Date | null }> {
  let changed = 0;
  let failedAt: Date | null | undefined = unreadable.length > 0 ? null : undefined;
  for (const order of orders) {
    try {
      const plan = await inCheck(check, (tx) => applySnapshot(tx, check.store, order, source));
      if (plan === 'insert' || plan === 'apply') changed += 1;
    } catch (error) {
      if (isDatabaseUnavailable(error)) throw error;
      failedAt ??= new Date(order.modifiedAt.getTime() - 1000);
    }
  }
  return failedAt === undefined ? { changed } : { changed, failedAt };
}

async function moveWatermark(check: Check, reached: Date, failed: boolean): Promise<void> {
  const { id: store } = check.store;
  await inCheck(check, async (tx) => {
    await tx.query(
      `update stores set watermark = greatest(watermark, $2), reconciled_at = clock_timestamp() where id = $1`,
      [store, reached],
    );
    const cause = 'reconcile';
    if (!failed) await healIncident(tx, { store, kind: 'store_errors', cause });
    else {
      await raiseIncident(tx, {
        ...{ store, kind: 'store_errors', cause, verified: true },
        summary: `The store lists orders that cannot be read or applied; they are asked for again from ${reached.toISOString()} on.`,
      });
    }
  });
}
