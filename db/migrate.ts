import { join } from 'node:path';
import pg from 'pg';
import { readMigrationFiles, type MigrationFile } from './migration-files.js';
import { MigrationError } from './migration-error.js';
import {
  changesOfThePast,
  labelOf,
  planMigrations,
  type AppliedMigration,
} from './migration-plan.js';
import { packageRoot } from './package-root.js';

export { MigrationError } from './migration-error.js';

export interface MigrateOptions {
  readonly connectionString: string;
  /** Default: db/migrations of this package. */
  readonly folder?: string;
  /** Told of each migration after it was applied. */
  readonly onApplied?: (label: string, durationMs: number) => void;
}

/** Any fixed number will do, as long as nobody else takes it. */
const MIGRATION_LOCK = 7_421_842_001n;

/**
 * Applies what is not applied yet, each file in its own transaction, and gives their names. Safe
 * when several processes start at once: one migrates, the others wait and find nothing to do.
 * Throws {@link MigrationError}.
 */
export async function migrate(options: MigrateOptions): Promise<string[]> {
  const files = await readMigrationFiles(options.folder ?? migrationsFolder());
  return withClient(options.connectionString, async (client) => {
    // Held by the session, across the transactions; ends with the connection at the latest.
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
  /** How the files differ from what was applied; empty when all is well. */
  readonly problems: readonly string[];
}

/** Changes nothing, not even on an empty database. */
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
      problems: changesOfThePast(files, applied),
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
  // A connection that breaks rejects the query that waits; this keeps it from ending the process.
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
