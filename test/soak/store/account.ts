import type { TrueOrder } from '../../../simulators/store/control-client.js';
import type { LoggedDelivery } from '../../../simulators/store/webhooks/delivery-log.js';
import { type Month, STORE } from './month.js';
import { compareSilence } from './silence.js';
import { compareStuck } from './stuck.js';

const DRAFTS = ['checkout-draft', 'auto-draft', 'draft'];

export interface Account {
  readonly placed: number;
  readonly deliveries: number;
  readonly undelivered: number;
  /** Orders of which no delivery came, that were not found. */
  readonly missed: readonly bigint[];
  /** Orders that are not as the store has them. */
  readonly different: readonly bigint[];
  readonly lostOrders: number;
  /** From their creation until they were taken in, in hours of the store. */
  readonly delays: readonly number[];
  /** Findings about orders of which every delivery came. */
  readonly invented: readonly string[];
  /** Told as stuck, as stalled or as silent, and not so at the store; and what was so and was not told. */
  readonly untrue: readonly string[];
  readonly untold: readonly string[];
  readonly findings: Readonly<Record<string, number>>;
  readonly incidents: Readonly<Record<string, number>>;
}

interface OurOrder {
  readonly id: bigint;
  readonly status: string;
  readonly delayHours: number | null;
}

/** Compares what was found with what is true. */
export async function account(month: Month): Promise<Account> {
  const [truth, log] = [await month.control.orders(), await month.control.deliveries()];
  const ours = await readOrders(month);
  const placed = truth.filter(({ status }) => !DRAFTS.includes(status));
  const arrived = log.filter(isArrived);
  const heard = new Set(arrived.map(({ orderId }) => orderId));
  const lost = placed.filter(({ id }) => !heard.has(id));
  const findings = await readFindings(month);
  const harmed = harmedBy(month, truth, log);
  const invented = findings
    .filter(({ orderId }) => !harmed.has(orderId))
    .map(({ orderId, what }) => `${what} ${orderId}`);
  const stuck = await compareStuck(month, truth);
  const silence = await compareSilence(month, truth, arrived);
  return {
    placed: placed.length,
    deliveries: log.length,
    undelivered: log.length - arrived.length,
    missed: lost.filter(({ id }) => !ours.has(id)).map(({ id }) => id),
    different: placed
      .filter(({ id, status }) => ours.get(id)?.status !== status)
      .map(({ id }) => id),
    lostOrders: lost.length,
    delays: lost.flatMap(({ id }) => ours.get(id)?.delayHours ?? []).toSorted((a, b) => a - b),
    invented,
    untrue: [...stuck.untrue, ...silence.untrue],
    untold: [...stuck.untold, ...silence.untold],
    findings: countBy(findings.map(({ what }) => what)),
    incidents: await readIncidents(month),
  };
}

function isArrived(delivery: LoggedDelivery): boolean {
  return delivery.outcome === 'answered' && delivery.status === 200;
}

/** Those of which a delivery did not arrive, or that were changed while a webhook was off. */
function harmedBy(
  { offWindows }: Month,
  truth: readonly TrueOrder[],
  log: readonly LoggedDelivery[],
): Set<bigint> {
  const harmed = new Set<bigint>();
  for (const delivery of log) if (!isArrived(delivery)) harmed.add(delivery.orderId);
  // While one was off, orders of that time may have had no delivery at all, and orders from before no update.
  const lastOff = Math.max(0, ...offWindows.map(({ to }) => to.getTime()));
  const created = new Set(
    log.filter((one) => isArrived(one) && one.topic === 'order.created').map((one) => one.orderId),
  );
  for (const { id, createdAt, modifiedAt } of truth) {
    const inOff = offWindows.some(({ from, to }) => createdAt <= to && modifiedAt >= from);
    if (inOff || (!created.has(id) && createdAt.getTime() <= lastOff)) harmed.add(id);
  }
  return harmed;
}

async function readOrders({ pool }: Month): Promise<ReadonlyMap<bigint, OurOrder>> {
  const { rows } = await pool.query<OurOrder>(
    `select o.order_id as id, o.status, extract(epoch from (s.clock_store_at + (t.at - s.clock_database_at) * s.clock_rate) - o.created_at)::float8 / 3600
       as "delayHours"
     from store_orders o join stores s on s.id = o.store
     left join lateral (select min(at) as at from store_order_trail t where t.store = o.store and t.order_id = o.order_id) t on true
     where o.store = $1`,
    [STORE],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

interface Finding {
  readonly orderId: bigint;
  readonly what: string;
}

async function readFindings({ pool }: Month): Promise<Finding[]> {
  const { rows } = await pool.query<Finding>(
    `select order_id as "orderId", what from store_order_trail
     where store = $1 and what in ('lost', 'created_missing', 'update_lost')`,
    [STORE],
  );
  return rows;
}

async function readIncidents({ pool }: Month): Promise<Record<string, number>> {
  const { rows } = await pool.query<{ kind: string }>(
    'select kind from incidents where store = $1',
    [STORE],
  );
  return countBy(rows.map(({ kind }) => kind));
}

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
