import type { Pool } from 'pg';
import type { Channel } from '../../domain/transmissions/channels.js';

/** Keeps in the schema of which channels anybody may read, as configured: what is announced of others is sent to nobody. */
export async function keepReaders(
  pool: Pick<Pool, 'query'>,
  channels: readonly Channel[],
): Promise<void> {
  await pool.query(
    `update channels c set users_read = w.users_read from unnest($1::int[], $2::boolean[]) as w (number, users_read)
     where c.number = w.number and c.users_read <> w.users_read`,
    [channels.map(({ number }) => number), channels.map(({ userMay }) => userMay.includes('get'))],
  );
}
