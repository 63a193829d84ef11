import type { Pool } from 'pg';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { readEpoch } from '../../../../db/installation.js';
import { inTransaction } from '../../../../db/transaction.js';
import { dedupe, type DedupeResult } from '../../../../services/relay/consumer/dedupe.js';
import { type Database, relayDatabase } from './fixture.helper.js';

export const KEEP_HOURS = 24;

/** A database of the file, whose rotated tables are empty and begin at each test. Registers hooks. */
export function rotatedDatabase(): Pick<Database, 'pool'> {
  let database: Database | undefined;
  const opened = (): Database => {
    if (database === undefined) throw new Error('it is not there before the tests begin');
    return database;
  };
  beforeAll(async () => {
    database = await relayDatabase();
    await waitForLocks(database.pool);
  });
  beforeEach(() => beginAnew(opened().pool));
  afterAll(() => database?.close());
  return {
    get pool() {
      return opened().pool;
    },
  };
}

export type RotatedTable = 'applied_messages' | 'outbox_delivered';

/** As if so many days had passed since it began. */
export async function passDays(pool: Pool, table: RotatedTable, days: number): Promise<void> {
  await pool.query(
    `update rotations set began_at = began_at - $2 * interval '1 day' where name = $1`,
    [table, days],
  );
}

/** Empty tables, which begin now. */
export async function beginAnew(pool: Pool): Promise<void> {
  await pool.query(
    `truncate applied_messages, applied_messages_before, outbox;
     update rotations set began_at = clock_timestamp()`,
  );
}

/** A rotation waits for as long as the test needs, and not for 0.3 s. */
export async function waitForLocks(pool: Pool): Promise<void> {
  await pool.query(
    `alter function rotate_applied_messages() set lock_timeout = '20s';
     alter function rotate_outbox_delivered(interval) set lock_timeout = '20s'`,
  );
}

/** One message after the other in one transaction of consumer `c`. */
export async function applyAll(pool: Pool, ids: readonly string[]): Promise<DedupeResult[]> {
  const epoch = await readEpoch(pool);
  return inTransaction(pool, (tx) =>
    dedupe(
      tx,
      'c',
      ids.map((messageId) => ({ messageId, epoch })),
    ),
  );
}

/** Tables of ours that a transaction of this connection has used, and indexes that its plans were chosen from. */
export const USED_RELATIONS = `
  select array_agg(distinct c.relname::text order by c.relname::text) as used
  from pg_locks l join pg_class c on c.oid = l.relation
  where l.pid = pg_backend_pid() and l.locktype = 'relation' and c.relnamespace = 'public'::regnamespace`;

/** Instead of running statements, collects their plans. */
export function explaining(pool: Pool): { readonly db: Pool; readonly lines: () => string } {
  const explained: string[] = [];
  const query = async (sql: string, values: unknown[]): Promise<void> => {
    const { rows } = await pool.query<Record<string, string>>(`explain ${sql}`, values);
    explained.push(...rows.map((row) => row['QUERY PLAN'] ?? ''));
  };
  return { db: { query } as unknown as Pool, lines: () => explained.join('\n') };
}
