import type { Pool } from 'pg';
import type { Store } from '../stores/store.js';
import { erase } from './erase.js';

const MS_PER_DAY = 86_400_000;
const AT_ONCE = 500;

/** What the store keeps no longer, and what came in of orders that are erased. Gives how many rows were changed. */
export async function eraseOld(pool: Pool, store: Store): Promise<number> {
  const { keepBodiesDays, keepPersonsDays } = store.settings;
  const value = new Date(store.storeNow.getTime() - keepPersonsDays * MS_PER_DAY);
  const persons = await erase(pool, store.id, { what: 'before', value });
  const bodies = await eraseBodies(pool, store, keepBodiesDays);
  return persons.orders + persons.deliveries + bodies;
}

/** Deliveries are received in the database's time; their days are the store's. */
async function eraseBodies(pool: Pool, store: Store, days: number): Promise<number> {
  let erased = 0;
  for (;;) {
    const { rowCount } = await pool.query(
      `update store_events set body = '', headers = '{}', erased_at = clock_timestamp()
       where id = any (array(
         select e.id from store_events e
         where e.store = $1 and e.erased_at is null and (e.outcome is not null or not e.verified)
           and (e.received_at < clock_timestamp() - $2 * interval '1 day' or exists (
             select from store_orders o where o.store = e.store and o.order_id = e.order_id and o.erased_at is not null))
         limit ${AT_ONCE} for update skip locked))`,
      [store.id, days / store.clockRate],
    );
    erased += rowCount ?? 0;
    if ((rowCount ?? 0) < AT_ONCE) return erased;
  }
}
