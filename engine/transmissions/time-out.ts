import type { ClientBase } from 'pg';
import { lockChannelOf } from './locked-channel.js';
import { moveOrder } from './move-order.js';
import { MISSING_REGIONS, startNext } from './start-next.js';
import { WAITS_FOR_CHANNEL } from './wait-for-channel.js';
import type { ChangedBy } from '../transition.js';

/**
 * Gives up waiting for the missing regions of an order whose deadline has passed: it is wanted on the line again, and the line is
 * free for the next. False when the deadline has not passed, or another has been set meanwhile.
 */
export async function timeOut(
  tx: ClientBase,
  orderId: string,
  by: ChangedBy = 'other',
): Promise<boolean> {
  const locked = await lockChannelOf(tx, orderId, by);
  if (locked === undefined) return false;
  const { line, order } = locked;
  if (order.state !== 'transmitting' && order.state !== 'confirming') return false;
  const { rows } = await tx.query<{ passed: boolean }>(
    'select coalesce(deadline_at <= clock_timestamp(), false) as passed from orders where id = $1',
    [orderId],
  );
  if (rows[0]?.passed !== true) return false;
  await moveOrder(line, orderId, {
    event: order.state === 'transmitting' ? 'timed_out' : 'missed',
    set: () => ({ retry_wanted: 'true', retry_regions: MISSING_REGIONS, ...WAITS_FOR_CHANNEL }),
  });
  await startNext(line);
  return true;
}
