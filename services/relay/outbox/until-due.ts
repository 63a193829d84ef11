import type { Pool } from 'pg';
import type { DestinationName } from './row.js';

/** Rows looked through; those further back are found by polling. */
const AHEAD = 1_000;

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
     where w.available_at > now()`,
    [destination, AHEAD],
  );
  const ms = rows[0]?.ms ?? pollMs;
  return Math.max(0, Math.min(ms, pollMs));
}
