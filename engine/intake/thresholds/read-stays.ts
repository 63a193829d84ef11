import type { Stay } from '../../../domain/intake/thresholds/stay.js';
import type { Db } from './settings.js';

const WINDOW_DAYS = 90;
/** Fewer days than the window, where there are more exits. */
export const MOST_EXITS = 500;

export interface StoredStay extends Stay {
  readonly status: string;
  readonly paymentMethod: string;
}

/**
 * The stays from which thresholds are learned: begun in the last 90 days, the newest first, for each status and payment method back to
 * the 500th that has ended. Cut by their beginning, so that slow ones are not rarer than they are. Without those of incidents.
 */
export async function readStays(db: Db, store: string, now: Date): Promise<StoredStay[]> {
  const { rows } = await db.query<StoredStay>(
    `select status, payment_method as "paymentMethod", entered_at as "enteredAt", left_at as "leftAt"
     from (
       select s.*, count(*) filter (where left_at <= $2) over (
         partition by status, payment_method order by entered_at desc, order_id, n) as exits
       from store_order_steps s
       where store = $1 and not excluded
         and entered_at > $2::timestamptz - $3 * interval '1 day' and entered_at <= $2) recent
     where exits <= $4 order by entered_at desc`,
    [store, now, WINDOW_DAYS, MOST_EXITS],
  );
  return rows;
}
