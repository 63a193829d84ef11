import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import pg, { type Pool } from 'pg';
import { readMigrationFiles } from '../../../db/migration-files.js';
import { packageRoot } from '../../../db/package-root.js';
import { createPool } from '../../../db/pool.js';

const TABLES = `credit_drains, credit_shortfalls, credit_lots, credit_past_lots, credit_history, credit_accounts,
  credit_resources`;

const MIGRATIONS_FOLDER = join(packageRoot(), 'db', 'migrations');
/** The migrations of the credit tables. Others create schemas besides the current one. */
const MIGRATIONS: ReadonlySet<string> = new Set([
  'core',
  'credits',
  'credits_projection',
  'credits_verified',
  'credits_returned',
  'outbox_leases',
  'merged_lots',
  'refunds_once',
  'refunds_of_all_entries',
  'analyze_credit_history',
]);

/** The credit tables in a temporary schema, in a database that can be in use. */
export interface ScratchSchema {
  readonly pool: Pool;
  empty(): Promise<void>;
  drop(): Promise<void>;
}

export async function createScratchSchema(
  databaseUrl: string,
  connections = 2,
): Promise<ScratchSchema> {
  const name = `credits_vectors_${randomBytes(6).toString('hex')}`;
  await onServer(databaseUrl, `create schema ${name}`);
  const drop = (): Promise<void> => onServer(databaseUrl, `drop schema ${name} cascade`);
  try {
    const url = new URL(databaseUrl);
    url.searchParams.set('options', `-c search_path=${name}`);
    const pool = createPool({
      connectionString: url.href,
      max: connections,
      applicationName: 'quittance-credits-vectors',
      onError: () => undefined,
    });
    for (const { name: migration, statements } of await readMigrationFiles(MIGRATIONS_FOLDER)) {
      if (!MIGRATIONS.has(migration)) continue;
      for (const statement of statements) await pool.query(statement);
    }
    // Some cases change a row of the history.
    await pool.query('alter table credit_history disable trigger credit_history_append_only');
    return {
      pool,
      empty: async () => {
        await pool.query(`truncate ${TABLES}`);
      },
      drop: async () => {
        await pool.end();
        await drop();
      },
    };
  } catch (error) {
    await drop();
    throw error;
  }
}

async function onServer(connectionString: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
