import { transact } from '../../context.js';
import type { IntakeContext } from '../context.js';
import { applyEvent } from './apply-event.js';

const AT_ONCE = 500;
/** Time that the message of an event has. */
const LEFT_SECONDS = 30;

/** Applies events whose messages were lost with the data of NATS. Gives how many. */
export async function applyLeftEvents(
  context: IntakeContext,
  store: string,
  leftSeconds = LEFT_SECONDS,
): Promise<number> {
  const { rows } = await context.pool.query<{ id: bigint }>(
    `select id from store_events where store = $1 and outcome is null and verified
       and received_at < clock_timestamp() - $2 * interval '1 second' order by id limit ${AT_ONCE}`,
    [store, leftSeconds],
  );
  for (const { id } of rows) await transact(context, (tx) => applyEvent(tx, id));
  return rows.length;
}
