import { RECHECK_SECONDS } from '../../domain/transmissions/timing.js';

/** Columns of an order that waits for the line: no deadline, but looked at again in case nobody tells it. */
export const WAITS_FOR_CHANNEL: Readonly<Record<string, string>> = {
  deadline_at: 'null',
  due_at: `clock_timestamp() + interval '${RECHECK_SECONDS} seconds'`,
};
