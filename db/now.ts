import type { ClientBase } from 'pg';

/** By the database's clock, also inside a transaction. */
export async function readNow(db: Pick<ClientBase, 'query'>): Promise<Date> {
  const { rows } = await db.query<{ now: Date }>('select clock_timestamp() as now');
  if (rows[0] === undefined) throw new Error('no time');
  return rows[0].now;
}
