import type { ClientBase } from 'pg';
import type { StoreName, ToldAs, ToldIncident } from '../../../domain/intake/incidents/message.js';

/** A message names so many orders; the page of the incident has them all. */
const NAMED_ORDERS = 20;

interface Row extends Omit<ToldIncident, 'as' | 'orderCount' | 'openOrders'> {
  readonly orderCount: bigint;
  readonly openOrders: bigint;
}

/** The incidents as they are now, in the order of their ids. */
export async function readTold(
  client: ClientBase,
  wanted: ReadonlyMap<bigint, ToldAs>,
): Promise<ToldIncident[]> {
  const { rows } = await client.query<Row>(
    `select i.id, i.kind, i.verified_at is not null as verified, i.summary, i.opened_at as "openedAt",
       i.healed_at as "healedAt", o.count as "orderCount", o.open as "openOrders", o.named as "orderIds"
     from incidents i
     cross join lateral (
       select count(*), count(*) filter (where healed_at is null) as open,
         coalesce((array_agg(order_id order by healed_at is not null, order_id))[1:$2], '{}') as named
       from incident_orders where incident_id = i.id) o
     where i.id = any ($1) order by i.id`,
    [[...wanted.keys()], NAMED_ORDERS],
  );
  return rows.map((row) => ({
    ...row,
    as: wanted.get(row.id) ?? 'open',
    orderCount: Number(row.orderCount),
    openOrders: Number(row.openOrders),
  }));
}

export interface ToldStore extends StoreName {
  readonly unverifiedMs: number;
  readonly digestHour: number;
}

const DEFAULT_UNVERIFIED_HOURS = 4;
const DEFAULT_DIGEST_HOUR = 8;

/** What notices need of a store. A store that cannot be asked has nothing to wait for. */
export async function readToldStore(
  client: ClientBase,
  store: string,
): Promise<ToldStore | undefined> {
  const { rows } = await client.query<ToldStore>(
    `select id, name, url, zone,
       case when api_key is null then 0 else coalesce((settings ->> 'unverifiedHours')::float8, $2) * 3600000 end as "unverifiedMs",
       coalesce((settings ->> 'digestHour')::int, $3) as "digestHour"
     from stores where id = $1`,
    [store, DEFAULT_UNVERIFIED_HOURS, DEFAULT_DIGEST_HOUR],
  );
  return rows[0];
}
