import { join } from 'node:path';
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
  /** Called after each migration. */
  readonly onApplied?: (label: string, durationMs: number) => void;
}

/** Key of the advisory lock: any number that no other program uses. */
const MIGRATION_LOCK = 7_421_842_001n;

/**
 * Applies the pending migrations, each in its own transaction, and returns their labels. Several processes may call it at once:
 * one migrates, the others wait and find nothing to do. Throws {@link MigrationError}.
 */
export async function migrate(options: MigrateOptions): Promise<string[]> {
  const files = await readMigrationFiles(options.folder ?? migrationsFolder());
  return withClient(options.connectionString, async (client) => {
    // A session lock: it is held across the transactions and released with the connection.
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK.toString()]);
    await client.query(CREATE_TABLE);
    const labels: string[] = [];
    for (const file of planMigrations(files, await readApplied(client))) {
      const durationMs = await apply(client, file);
      labels.push(labelOf(file));
      options.onApplied?.(labelOf(file), durationMs);
    }
    return labels;
  });
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
      "select to_regclass('schema_migrations')::text as found",
    );
    const applied = rows[0]?.found === null ? [] : await readApplied(client);
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

const CREATE_TABLE = `
  create table if not exists schema_migrations (
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

async function readApplied(client: pg.Client): Promise<AppliedMigration[]> {
  const { rows } = await client.query<Omit<AppliedMigration, 'label'>>(
    `select version, name, checksum, applied_at as "appliedAt", duration_ms as "durationMs"
       from schema_migrations order by version`,
  );
  return rows.map((row) => ({ ...row, label: labelOf(row) }));
}

async function apply(client: pg.Client, file: MigrationFile): Promise<number> {
  const startedAt = performance.now();
  try {
    await client.query('begin');
    await client.query(file.sql);
    const durationMs = Math.round(performance.now() - startedAt);
    await client.query(
      `insert into schema_migrations (version, name, checksum, duration_ms)
       values ($1, $2, $3, $4)`,
      [file.version, file.name, file.checksum, durationMs],
    );
    await client.query('commit');
    return durationMs;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new MigrationError(`${labelOf(file)} failed and was rolled back: ${reason}`, {
      cause: error,
    });
  }
}
