import pg from 'pg';
import { POSTGRES } from './kind.js';
import { formatVersion, isAtLeast, parseVersion } from '../version.js';

/** Rejects as long as PostgreSQL does not answer; gives its version. */
export async function askPostgres(connectionString: string): Promise<string> {
  return withClient(connectionString, async (client) => {
    const { rows } = await client.query<{ said: string }>(
      `select '(PostgreSQL) ' || current_setting('server_version') as said`,
    );
    const version = parseVersion(rows[0]?.said ?? '', POSTGRES.version);
    if (version === undefined) throw new Error('it does not tell its version');
    if (isAtLeast(version, POSTGRES.minimum)) return formatVersion(version);
    throw new Error(
      `it is ${formatVersion(version)}, older than ${formatVersion(POSTGRES.minimum)}`,
    );
  });
}

/** Names of databases cannot be parameters; this one is ours, and plain. */
export async function createDatabaseIfAbsent(
  connectionString: string,
  name: 'quittance',
): Promise<void> {
  await withClient(connectionString, async (client) => {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name]);
    if (rowCount === 0) await client.query(`create database ${name}`);
  });
}

async function withClient<T>(
  connectionString: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    connectionString,
    connectionTimeoutMillis: 5_000,
    application_name: 'quittance-servers',
  });
  // A server that ends while we ask fails the query; nobody needs to hear of it twice.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end();
  }
}
