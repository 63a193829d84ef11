import { advanceNotifications } from './advance.js';
import { sendSlips } from '../slips/send-slips.js';
import { type Senders, sendNotifications } from './send.js';

/** Looked at so often when nothing is due. */
const IDLE_SECONDS = 3_600;

/** Decides what is to be told, sends it and slips that are due, and says when the store's workflow comes again. Gives how many messages were sent. */
export async function runNotices(senders: Senders, store: string): Promise<number> {
  const { pool } = senders;
  await advanceNotifications(pool, store);
  const sent = (await sendNotifications(senders, store)) + (await sendSlips(senders, store));
  const { nextAt } = await advanceNotifications(pool, store);
  await pool.query(
    `update store_tasks set done_at = clock_timestamp(), tries = 0, last_error = null,
       due_at = greatest(clock_timestamp() + interval '1 second', coalesce($2, clock_timestamp() + $3 * interval '1 second'))
     where store = $1 and task = 'notices'`,
    [store, nextAt, IDLE_SECONDS],
  );
  return sent;
}
