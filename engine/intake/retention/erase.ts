import type { Pool } from 'pg';
import { inTransaction } from '../../../db/transaction.js';

/** Whose data, or which: one of them. */
export type ErasureTarget =
  | { readonly what: 'email'; readonly value: string }
  | { readonly what: 'order'; readonly value: bigint }
  /** Orders that were modified last before a time of the store, and deliveries that were received before it. */
  | { readonly what: 'before'; readonly value: Date };

/** Rows whose personal data is erased, or would be. They stay, without it. */
export interface Erased {
  readonly orders: number;
  readonly participants: number;
  readonly slips: number;
  readonly deliveries: number;
}

const AT_ONCE = 500;

/** $1: the store; $2: the value. */
const ORDERS: Readonly<Record<ErasureTarget['what'], string>> = {
  email: `(lower(o.snapshot -> 'billing' ->> 'email') = lower($2::text) or exists (
    select from participants p where p.store = o.store and p.order_id = o.order_id and lower(p.email) = lower($2::text)))`,
  order: 'o.order_id = $2::bigint',
  before: 'o.modified_at < $2::timestamptz',
};
/** Those that no order is known of, too. One that is still to be applied is left until it is. */
const DELIVERIES: Readonly<Record<ErasureTarget['what'], string>> = {
  email: `position(convert_to($2::text, 'UTF8') in e.body) > 0`,
  order: 'e.order_id = $2::bigint',
  before: 'e.received_at < $2::timestamptz',
};
const ERASABLE = `e.store = $1 and e.erased_at is null and (e.outcome is not null or not e.verified)`;

/** Counts what {@link erase} would erase. Deliveries of its orders are counted with those that name them. */
export async function countErasable(
  pool: Pool,
  store: string,
  { what, value }: ErasureTarget,
): Promise<Erased> {
  const { rows } = await pool.query<Erased>(
    `with found as (select o.order_id from store_orders o where o.store = $1 and o.erased_at is null and ${ORDERS[what]})
     select (select count(*)::int from found) as orders,
       (select count(*)::int from participants p where p.store = $1 and p.erased_at is null and p.order_id in (table found)) as participants,
       (select count(*)::int from slips s where s.store = $1 and s.address is not null and s.order_id in (table found)) as slips,
       (select count(*)::int from store_events e where ${ERASABLE} and (${DELIVERIES[what]} or e.order_id in (table found))) as deliveries`,
    [store, value],
  );
  return rows[0] ?? NOTHING;
}

const NOTHING: Erased = { orders: 0, participants: 0, slips: 0, deliveries: 0 };

/** Erases for good, in small transactions. What is mailed or held is void then. Gives how many rows. */
export async function erase(pool: Pool, store: string, target: ErasureTarget): Promise<Erased> {
  let sum = NOTHING;
  for (;;) {
    const { found, erased } = await eraseOrders(pool, store, target);
    sum = add(sum, erased);
    if (found < AT_ONCE) break;
  }
  return add(sum, { ...NOTHING, deliveries: await eraseDeliveries(pool, store, target) });
}

function eraseOrders(
  pool: Pool,
  store: string,
  { what, value }: ErasureTarget,
): Promise<{ readonly found: number; readonly erased: Erased }> {
  return inTransaction(pool, async (tx) => {
    const { rows } = await tx.query<{ id: bigint }>(
      `select o.order_id as id from store_orders o where o.store = $1 and o.erased_at is null and ${ORDERS[what]}
       order by o.order_id limit ${AT_ONCE} for update`,
      [store, value],
    );
    const ids = rows.map(({ id }) => id);
    const { rows: counted } = await tx.query<Erased>(
      `with orders as (
         update store_orders set snapshot = '{}', erased_at = clock_timestamp()
         where store = $1 and order_id = any ($2) returning 1),
       people as (
         update participants set name = '', email = '', fields = '{}', erased_at = clock_timestamp()
         where store = $1 and order_id = any ($2) and erased_at is null returning 1),
       mails as (
         update slips set address = null, last_error = null,
           validity = case when mail in ('held', 'waiting') then 'void' else validity end
         where store = $1 and order_id = any ($2) and (address is not null or mail in ('held', 'waiting')) returning mail),
       bodies as (
         update store_events e set body = '', headers = '{}', erased_at = clock_timestamp()
         where ${ERASABLE} and e.order_id = any ($2) returning 1)
       select (select count(*)::int from orders) as orders, (select count(*)::int from people) as participants,
         (select count(*)::int from mails where mail = 'sent') as slips, (select count(*)::int from bodies) as deliveries`,
      [store, ids],
    );
    return { found: ids.length, erased: counted[0] ?? NOTHING };
  });
}

async function eraseDeliveries(
  pool: Pool,
  store: string,
  { what, value }: ErasureTarget,
): Promise<number> {
  let erased = 0;
  for (;;) {
    const { rowCount } = await pool.query(
      `update store_events set body = '', headers = '{}', erased_at = clock_timestamp()
       where id = any (array(
         select e.id from store_events e where ${ERASABLE} and ${DELIVERIES[what]} order by e.id limit ${AT_ONCE} for update skip locked))`,
      [store, value],
    );
    erased += rowCount ?? 0;
    if ((rowCount ?? 0) < AT_ONCE) return erased;
  }
}

function add(a: Erased, b: Erased): Erased {
  return {
    orders: a.orders + b.orders,
    participants: a.participants + b.participants,
    slips: a.slips + b.slips,
    deliveries: a.deliveries + b.deliveries,
  };
}
