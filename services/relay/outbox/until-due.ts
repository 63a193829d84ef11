import type { Pool } from 'pg';
import type { DestinationName } from './row.js';

/** Rows looked through; those further back are found by polling. */
const AHEAD = 1_000;
/** What fell due no longer ago may have been missed by the look before: longer ago, somebody else has it. */
const JUST_DUE_MS = 250;
const LOOK_AGAIN_MS = 10;

/** How long until the next row falls due that waits for its time, in ms; at most `pollMs`. */
export async function msUntilDue(
  pool: Pool,
  destination: DestinationName,
  pollMs: number,
): Promise<number> {
  const { rows } = await pool.query<{ ms: number | null }>(
    `select extract(epoch from min(w.available_at) - clock_timestamp())::float8 * 1000 as ms
     from (select available_at from outbox where destination between $1 and $1 and published_at is null
           order by destination, id limit $2) w
     where w.available_at > clock_timestamp() - $3 * interval '1 millisecond'`,
    [destination, AHEAD, JUST_DUE_MS],
  );
  const ms = rows[0]?.ms ?? pollMs;
  return Math.max(LOOK_AGAIN_MS, Math.min(ms, pollMs));
}
