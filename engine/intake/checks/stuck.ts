import type { ClientBase } from 'pg';
import { findMassStall, LEAST_STALLED } from '../../../domain/intake/thresholds/mass-stall.js';
import { healIncident, raiseIncident } from '../incidents/raise.js';
import type { Store } from '../stores/store.js';
import type { CurrentThreshold } from '../thresholds/current.js';

const ORDERS_COMPARED = 500;
const STAYS_COMPARED = 20_000;
/** A weekend with its holidays. */
const CLOSED_DAYS = 4;

export interface StuckOrder {
  readonly orderId: bigint;
  readonly status: string;
  readonly verified: boolean;
  readonly threshold: CurrentThreshold;
}

interface AlertedOrder {
  readonly orderId: bigint;
  readonly since: Date;
}

/** One order that takes long is told with others of its status; many that passed the threshold within an hour are one incident. */
export async function tellStuck(
  tx: ClientBase,
  store: Store,
  { orderId, status, verified, threshold }: StuckOrder,
): Promise<void> {
  const stalled = await readStalled(tx, store, status, orderId, threshold);
  const incident = { store: store.id, cause: status, verified };
  if (!stalled.includes(orderId)) {
    await raiseIncident(tx, {
      ...{ ...incident, kind: 'order_stuck', orderIds: [orderId] },
      summary: `Orders have been ${status} for longer than is usual in this store.`,
    });
    return;
  }
  await raiseIncident(tx, {
    ...{ ...incident, kind: 'mass_stall', orderIds: stalled },
    summary: `${stalled.length} orders began to take longer than usual in ${status} within an hour of each other.`,
  });
  // The first of them were told as single orders, or are about to be.
  await healIncident(tx, {
    ...{ store: store.id, kind: 'order_stuck', cause: status, orderIds: stalled },
  });
}

/** Those that passed the threshold together with the order, itself among them; none where they are few. */
async function readStalled(
  tx: ClientBase,
  store: Store,
  status: string,
  orderId: bigint,
  threshold: CurrentThreshold,
): Promise<bigint[]> {
  const { rows } = await tx.query<AlertedOrder>(
    `select order_id as "orderId", status_since as since from store_orders
     where store = $1 and status = $2 and alerted_at is not null order by status_since desc limit ${ORDERS_COMPARED}`,
    [store.id, status],
  );
  const crossed = rows.map((row) => ({ ...row, at: threshold.alertAfter(row.since) }));
  const own = crossed.find((one) => one.orderId === orderId);
  if (own === undefined) return [];
  const recent = crossed.filter(({ at }) => at >= startOf(own.at));
  if (recent.length < LEAST_STALLED) return [];
  const stall = findMassStall(
    recent.map(({ at }) => at),
    await readAll(tx, store, status, threshold, recent),
  );
  if (stall === undefined || own.at < stall.from || own.at > stall.to) return [];
  return recent.filter(({ at }) => at >= stall.from && at <= stall.to).map((one) => one.orderId);
}

/** When all orders that began about then pass the threshold, or would have. */
async function readAll(
  tx: ClientBase,
  store: Store,
  status: string,
  { alertAfter }: CurrentThreshold,
  recent: readonly AlertedOrder[],
): Promise<Date[]> {
  const [latest, first] = [recent[0]?.since, recent.at(-1)?.since];
  if (latest === undefined || first === undefined) return [];
  // What came in while nobody worked passes it together.
  const { rows } = await tx.query<{ since: Date }>(
    `select entered_at as since from store_order_steps
     where store = $1 and status = $2 and entered_at between $3::timestamptz - $5 * interval '1 day' and $4::timestamptz + $5 * interval '1 day'
     order by entered_at desc limit ${STAYS_COMPARED}`,
    [store.id, status, first, latest, CLOSED_DAYS],
  );
  return rows.map(({ since }) => alertAfter(since));
}

/** An old stall that is not over must not hide the one of today. */
function startOf(at: Date): Date {
  return new Date(at.getTime() - DAY_MS);
}

const DAY_MS = 86_400_000;
