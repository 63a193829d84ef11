import { isDatabaseUnavailable } from '../../../db/errors.js';
import { transact } from '../../context.js';
import type { IntakeContext } from '../context.js';
import { applyEvent } from './apply-event.js';

export const EVENTS_AT_ONCE = 500;
/** Time that the message of an event has. */
const LEFT_SECONDS = 30;

/** Applies events whose messages were lost with the data of NATS. Gives how many. One that cannot be applied stops no other. */
export async function applyLeftEvents(
  context: IntakeContext,
  store: string,
  leftSeconds = LEFT_SECONDS,
): Promise<number> {
  const { rows } = await context.pool.query<{ id: bigint }>(
    `select id from store_events where store = $1 and outcome is null and verified
       and received_at < clock_timestamp() - $2 * interval '1 second' order by id limit ${EVENTS_AT_ONCE}`,
    [store, leftSeconds],
  );
  let applied = 0;
  for (const { id } of rows) {
    try {
      await transact(context, (tx) => applyEvent(tx, id));
      applied += 1;
    } catch (error) {
      if (isDatabaseUnavailable(error)) throw error;
    }
  }
  return applied;
}
