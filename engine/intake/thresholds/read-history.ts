import type { Stay } from '../../../domain/intake/thresholds/stay.js';
import type { Db } from './settings.js';

const MOST_STAYS = 100_000;

/** All stays in a status, the latest 100,000 at most, without those of incidents. */
export async function readHistory(db: Db, store: string, status: string): Promise<Stay[]> {
  const { rows } = await db.query<Stay>(
    `select entered_at as "enteredAt", left_at as "leftAt" from store_order_steps
     where store = $1 and status = $2 and not excluded order by entered_at desc limit $3`,
    [store, status, MOST_STAYS],
  );
  return rows;
}
