import type { Pool } from 'pg';

/** When this data was begun, in milliseconds: carried by every message, so that those of data since reset are ignored. */
export async function readEpoch(pool: Pick<Pool, 'query'>): Promise<bigint> {
  const { rows } = await pool.query<{ epoch: bigint }>('select epoch from installation');
  const epoch = rows[0]?.epoch;
  if (epoch === undefined) throw new Error('the database has no installation: run the migrations');
  return epoch;
}
