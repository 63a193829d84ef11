import pg from 'pg';
import { checkVersion, type Version } from '../version.js';

export const POSTGRES = {
  version: /\(PostgreSQL\) (\d+)(?:\.(\d+))?/,
  minimum: [15] satisfies Version,
} as const;

/** PostgreSQL's version. Rejects while PostgreSQL does not answer. */
export async function askPostgres(connectionString: string): Promise<string> {
  return withClient(connectionString, async (client) => {
    const { rows } = await client.query<{ version: string }>(
      `select '(PostgreSQL) ' || current_setting('server_version') as version`,
    );
    return checkVersion(rows[0]?.version ?? '', POSTGRES);
  });
}

/** The name is a literal type: a database's name cannot be a parameter of the statement. */
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
  // A server that ends meanwhile also fails the query, which reports it.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end();
  }
}
