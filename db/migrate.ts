import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { MigrationError, readMigrationFiles, type MigrationFile } from './migration-files.js';
import {
  historyProblems,
  labelOf,
  planMigrations,
  type AppliedMigration,
} from './migration-plan.js';
import { packageRoot } from './package-root.js';

export { MigrationError } from './migration-files.js';

export interface MigrateOptions {
  readonly connectionString: string;
  /** Default: db/migrations of this package. */
  readonly folder?: string;
  /** Whose migrations they are: applied in this schema, which is made, and counted there. Default: ours. */
  readonly schema?: string;
  /** Called after each migration. */
  readonly onApplied?: (label: string, durationMs: number) => void;
}

/** Key of the advisory lock: any number that no other program uses. */
const MIGRATION_LOCK = 7_421_842_001n;

/** Between two looks whether another process has ended migrating. */
const LOCK_PAUSE_MS = 100;

/**
 * Applies the pending migrations, each in its own transaction unless it says otherwise, and returns their labels. Several processes may call
 * it at once: one migrates, the others wait and find nothing to do. Throws {@link MigrationError}.
 */
export async function migrate(options: MigrateOptions): Promise<string[]> {
  const files = await readMigrationFiles(options.folder ?? migrationsFolder());
  return withClient(options.connectionString, async (client) => {
    await takeLock(client);
    const table = await useSchema(client, options.schema);
    await client.query(createTable(table));
    const labels: string[] = [];
    for (const file of planMigrations(files, await readApplied(client, table))) {
      const durationMs = await apply(client, file, table);
      labels.push(labelOf(file));
      options.onApplied?.(labelOf(file), durationMs);
    }
    return labels;
  });
}

/**
 * A session lock: it is held across the transactions and released with the connection. Asked for again and again, since an index that
 * is made concurrently waits for every statement that is under way, and one that waits for the lock would wait for it in turn.
 */
async function takeLock(client: pg.Client): Promise<void> {
  for (;;) {
    const { rows } = await client.query<{ taken: boolean }>(
      'select pg_try_advisory_lock($1) as taken',
      [MIGRATION_LOCK.toString()],
    );
    if (rows[0]?.taken === true) return;
    await pause(LOCK_PAUSE_MS);
  }
}

export interface MigrationStatus {
  readonly applied: readonly AppliedMigration[];
  readonly pending: readonly string[];
  /** How the files differ from what was applied. Empty if they do not. */
  readonly problems: readonly string[];
}

/** Reads the status and changes nothing, not even in an empty database. */
export async function migrationStatus(
  options: Omit<MigrateOptions, 'onApplied'>,
): Promise<MigrationStatus> {
  const files = await readMigrationFiles(options.folder ?? migrationsFolder());
  return withClient(options.connectionString, async (client) => {
    const { rows } = await client.query<{ found: string | null }>(
      'select to_regclass($1)::text as found',
      [tableOf(options.schema)],
    );
    const table = rows[0]?.found ?? null;
    const applied = table === null ? [] : await readApplied(client, table);
    const done = new Set(applied.map(({ version }) => version));
    return {
      applied,
      pending: files.filter(({ version }) => !done.has(version)).map(labelOf),
      problems: historyProblems(files, applied),
    };
  });
}

function migrationsFolder(): string {
  return join(packageRoot(), 'db', 'migrations');
}

const SCHEMA_NAME = /^[a-z][a-z0-9_]{0,62}$/;

function tableOf(schema: string | undefined): string {
  if (schema === undefined) return 'schema_migrations';
  if (!SCHEMA_NAME.test(schema)) throw new MigrationError(`${schema} is no name of a schema`);
  return `${schema}.schema_migrations`;
}

/** Makes the schema, and what the files create goes there. Returns the table of what is applied. */
async function useSchema(client: pg.Client, schema: string | undefined): Promise<string> {
  const table = tableOf(schema);
  if (schema === undefined) return table;
  await client.query(`create schema if not exists ${schema}`);
  await client.query(`set search_path to ${schema}, public`);
  return table;
}

const createTable = (table: string): string => `
  create table if not exists ${table} (
    version int primary key,
    name text not null,
    checksum text not null,
    applied_at timestamptz not null default clock_timestamp(),
    duration_ms int not null
  )`;

async function withClient<T>(
  connectionString: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString, application_name: 'quittance-migrate' });
  // A broken connection rejects the pending query; without a listener it would also end the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function readApplied(client: pg.Client, table: string): Promise<AppliedMigration[]> {
  const { rows } = await client.query<Omit<AppliedMigration, 'label'>>(
    `select version, name, checksum, applied_at as "appliedAt", duration_ms as "durationMs"
       from ${table} order by version`,
  );
  return rows.map((row) => ({ ...row, label: labelOf(row) }));
}

async function apply(client: pg.Client, file: MigrationFile, table: string): Promise<number> {
  const startedAt = performance.now();
  try {
    if (file.inTransaction) await client.query('begin');
    for (const statement of file.statements) await client.query(statement);
    const durationMs = Math.round(performance.now() - startedAt);
    await client.query(
      `insert into ${table} (version, name, checksum, duration_ms)
       values ($1, $2, $3, $4)`,
      [file.version, file.name, file.checksum, durationMs],
    );
    if (file.inTransaction) await client.query('commit');
    return durationMs;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const how = file.inTransaction
      ? 'failed and was rolled back'
      : 'failed, and is done again from its beginning by the next try';
    throw new MigrationError(`${labelOf(file)} ${how}: ${reason}`, { cause: error });
  }
}
