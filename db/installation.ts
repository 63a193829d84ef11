import type { ClientBase, Pool } from 'pg';

/** When this database was initialized, in milliseconds since 1970. Every message carries it, so that messages from before a reset are ignored. */
export async function readEpoch(pool: Pick<Pool, 'query'>): Promise<bigint> {
  const { rows } = await pool.query<{ epoch: bigint }>('select epoch from installation');
  const epoch = rows[0]?.epoch;
  if (epoch === undefined) throw new Error('the database has no installation: run the migrations');
  return epoch;
}

/**
 * Raises the epoch, and gives the new one: what was told about other data is ignored from now on. To be called
 * when data are reset, or restored to an earlier time, since numbers of messages are then given again.
 */
export async function raiseEpoch(db: Pool | ClientBase): Promise<bigint> {
  const { rows } = await db.query<{ epoch: bigint }>(
    `update installation
     set epoch = greatest(epoch + 1, (extract(epoch from clock_timestamp()) * 1000)::bigint)
     returning epoch`,
  );
  const [row] = rows;
  if (row === undefined) throw new Error('there is no installation');
  return row.epoch;
}
