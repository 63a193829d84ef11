import type { Pool } from 'pg';
import { waitUntil } from './wait-until.js';

/** Waits until exactly `count` connections to the pool's database wait for a lock. */
export function waitForBlockedConnections(pool: Pool, count: number): Promise<boolean> {
  return waitUntil(`${count} connections wait for a lock`, async () => {
    const { rows } = await pool.query<{ waiting: number }>(
      `select count(*)::integer as waiting from pg_stat_activity
       where datname = current_database() and backend_type = 'client backend' and wait_event_type = 'Lock'`,
    );
    return rows[0]?.waiting === count;
  });
}
