import type { Stay } from '../../../domain/intake/thresholds/stay.js';
import type { Db } from './settings.js';

const WINDOW_DAYS = 90;
/** A store with more exits than these is learned from fewer days, but from each day of the week twice. */
const ENOUGH_EXITS = 500;
const LEAST_DAYS = 14;
const MS_PER_DAY = 86_400_000;

export interface StoredStay extends Stay {
  readonly status: string;
  readonly paymentMethod: string;
}

/**
 * The stays from which thresholds are learned: begun in the last 90 days, the newest first, for each status and payment method back to
 * the 500th that has ended, but at least of 14 days. Cut by their beginning, so that slow ones are not rarer than they are. Without those of incidents.
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
     where exits <= $4 or entered_at > $2::timestamptz - $5 * interval '1 day' order by entered_at desc`,
    [store, now, WINDOW_DAYS, ENOUGH_EXITS, LEAST_DAYS],
  );
  return rows;
}

/** Of several payment methods together: the newest, back to as many exits and days as one method has. */
export function newestOf(stays: readonly StoredStay[], now: Date): readonly StoredStay[] {
  const from = new Date(now.getTime() - LEAST_DAYS * MS_PER_DAY);
  let exits = 0;
  const end = stays.findIndex((stay) => {
    if (hasEnded(stay, now)) exits += 1;
    return exits > ENOUGH_EXITS && stay.enteredAt <= from;
  });
  return end === -1 ? stays : stays.slice(0, end);
}

export function hasEnded({ leftAt }: Stay, now: Date): boolean {
  return leftAt !== null && leftAt <= now;
}
