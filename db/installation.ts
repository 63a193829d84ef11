import type { Pool } from 'pg';

/** When this database was initialized, in milliseconds since 1970. Every message carries it, so that messages from before a reset are ignored. */
export async function readEpoch(pool: Pick<Pool, 'query'>): Promise<bigint> {
  const { rows } = await pool.query<{ epoch: bigint }>('select epoch from installation');
  const epoch = rows[0]?.epoch;
  if (epoch === undefined) throw new Error('the database has no installation: run the migrations');
  return epoch;
}
