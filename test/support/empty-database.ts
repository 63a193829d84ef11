import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg, { type Pool } from 'pg';
import { migrate } from '../../db/migrate.js';
import { packageRoot } from '../../db/package-root.js';
import { createPool } from '../../db/pool.js';

export interface OwnDatabase {
  readonly url: string;
  readonly drop: () => Promise<void>;
}

/** Creates an empty database on the shared server. `drop` deletes it. */
export function emptyDatabase(): Promise<OwnDatabase> {
  return createDatabase('template1');
}

/** By what the migrations hold, since a server may be older than they are. */
const TEMPLATE = `migrated2_${hashOf(join(packageRoot(), 'db', 'migrations'))}`;
/** Key of the advisory lock under which the template is made: any number that no other program uses. */
const TEMPLATE_LOCK = 7_421_842_002n;

/** Most tests post the same thing again and again; those of the limits set them. */
export async function withoutItemRules(db: Pick<Pool, 'query'> | pg.Client): Promise<void> {
  await db.query(
    'update item_rules set spam_seconds = 0, duplicate_seconds = 0, unpaid_in_a_row = null',
  );
}

/** Empties tables, and those that refer to them, also what is append-only. */
export async function emptyTables(db: Pick<Pool, 'query'>, tables: string): Promise<void> {
  await db.query(
    `begin; set local session_replication_role = replica; truncate ${tables} cascade; commit`,
  );
}

/** Creates a database with all migrations on the shared server: a copy of one that the first test file of a run migrates. */
export async function migratedDatabase(): Promise<OwnDatabase> {
  await onServer(serverUrl(), async (client) => {
    await client.query('select pg_advisory_lock($1)', [TEMPLATE_LOCK.toString()]);
    const found = await client.query('select from pg_database where datname = $1', [TEMPLATE]);
    if (found.rowCount === 1) return;
    // Under another name until it is complete.
    const half = `${TEMPLATE}_half`;
    await client.query(`drop database if exists ${half} with (force)`);
    await client.query(`create database ${half}`);
    await migrate({ connectionString: urlOf(half) });
    await onServer(urlOf(half), withoutItemRules);
    await client.query(`alter database ${half} rename to ${TEMPLATE}`);
  });
  const database = await createDatabase(TEMPLATE);
  // Every database has an epoch of its own: messages of others on the shared NATS are not for it.
  await onServer(database.url, (client) =>
    client.query(
      'update installation set epoch = (extract(epoch from clock_timestamp()) * 1000)::bigint',
    ),
  );
  return database;
}

async function createDatabase(template: string): Promise<OwnDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await onServer(serverUrl(), (client) =>
    client.query(`create database ${name} template ${template}`),
  );
  const drop = async (): Promise<void> => {
    await onServer(serverUrl(), (client) =>
      client.query(`drop database if exists ${name} with (force)`),
    );
  };
  return { url: urlOf(name), drop };
}

function hashOf(folder: string): string {
  const hash = createHash('sha256');
  for (const file of readdirSync(folder).sort()) hash.update(readFileSync(join(folder, file)));
  return hash.digest('hex').slice(0, 16);
}

function serverUrl(): string {
  const server = process.env['DATABASE_URL'];
  if (server === undefined) throw new Error('DATABASE_URL is not set: the global setup sets it');
  return server;
}

function urlOf(database: string): string {
  const url = new URL(serverUrl());
  url.pathname = `/${database}`;
  return url.href;
}

async function onServer(
  connectionString: string,
  work: (client: pg.Client) => Promise<unknown>,
): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

/** A pool for a test. Errors of idle connections are ignored, since tests end connections and servers. */
export function testPool(connectionString: string, max: number): Pool {
  return createPool({
    connectionString,
    max,
    applicationName: 'test',
    onError: () => undefined,
  });
}
