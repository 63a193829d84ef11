import { defaultThreshold, mayBeStuck } from '../../../domain/intake/thresholds/defaults.js';
import { clockOf } from '../../../domain/intake/thresholds/learn.js';
import { readThresholdSettings } from '../../../engine/intake/thresholds/settings.js';
import type { ClockKind } from '../../../domain/intake/business-clock.js';
import type { TrueOrder } from '../../../simulators/store/control-client.js';
import { type Month, STORE } from './month.js';
import { type InForce, inventedStuck, missingStuck, type Stay, type Told } from './stays.js';

/** A second of ours is 1.2 hours of the store: its clock is looked at three times a second, and servers are away for three seconds. */
const SLACK = { inexactHours: 2, lateHours: 16 };
/** Fewer at once are no stall. */
const LEAST_STALLED = 5;

export interface Compared {
  readonly untrue: readonly string[];
  readonly untold: readonly string[];
}

/** Compares what was told of orders that stay long, alone and many at once, with how long they did at the store. */
export async function compareStuck(month: Month, truth: readonly TrueOrder[]): Promise<Compared> {
  const { now } = await month.control.state();
  const stays = truth.flatMap(staysOf);
  const [told, inForce] = [await readTold(month), await readInForce(month, stays)];
  const invented = inventedStuck(stays, told, inForce, SLACK);
  const missing = missingStuck(stays, told, inForce, now, SLACK);
  const stalls = await readStalls(month);
  const untrueOnes = new Set(invented.map(({ orderId }) => orderId));
  return {
    untrue: [
      ...invented.map(({ orderId, status, at }) => `${orderId} ${status} at ${at.toISOString()}`),
      ...stalls
        .filter(({ orders }) => orders.filter((id) => !untrueOnes.has(id)).length < LEAST_STALLED)
        .map(({ cause, orders }) => `stall of ${orders.length} ${cause}`),
    ],
    untold: missing.map(
      ({ orderId, status, from }) => `${orderId} ${status} ${from.toISOString()}`,
    ),
  };
}

function staysOf({ id, statuses }: TrueOrder): Stay[] {
  return statuses
    .map(({ status, since }, n) => ({
      ...{ orderId: id, status, from: since, to: statuses[n + 1]?.since },
    }))
    .filter(({ status }) => mayBeStuck(status));
}

async function readTold(month: Month): Promise<Told[]> {
  const { rows } = await month.pool.query<Told>(
    `select order_id as "orderId", detail ->> 'status' as status, at from store_order_trail
     where store = $1 and what = 'stuck'`,
    [STORE],
  );
  return rows.map(({ at, ...told }) => ({ ...told, at: month.storeTime(at) }));
}

/** Of each status its default, and what was learned, of whichever payment method. */
async function readInForce(month: Month, stays: readonly Stay[]): Promise<InForce[]> {
  const settings = await readThresholdSettings(month.pool, STORE);
  if (settings === undefined) throw new Error('there is no store');
  const { rows } = await month.pool.query<{
    status: string;
    madeAt: Date;
    hours: number;
    kind: ClockKind;
  }>(
    `select status, made_at as "madeAt", alert_hours as hours, clock as kind from threshold_versions where store = $1`,
    [STORE],
  );
  const defaults = [...new Set(stays.map(({ status }) => status))].map((status): InForce => {
    const { clock, alertHours: hours } = defaultThreshold(status, settings.prior);
    return { status, since: new Date(0), hours, clock: clockOf(clock, settings.business) };
  });
  const learned = rows.map(({ status, madeAt, hours, kind }): InForce => ({
    ...{ status, hours, clock: clockOf(kind, settings.business) },
    // Learned as of a time of the store.
    since: madeAt,
  }));
  return [...defaults, ...learned];
}

async function readStalls({ pool }: Month): Promise<{ cause: string; orders: bigint[] }[]> {
  const { rows } = await pool.query<{ cause: string; orders: bigint[] }>(
    `select i.cause, array_agg(o.order_id) as orders from incidents i join incident_orders o on o.incident_id = i.id
     where i.store = $1 and i.kind = 'mass_stall' group by i.id, i.cause`,
    [STORE],
  );
  return rows;
}
