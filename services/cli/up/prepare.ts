import { readFile, writeFile } from 'node:fs/promises';
import { Connection } from '@temporalio/client';
import type { Pool } from 'pg';
import { ensureOperatorToken } from '../../../engine/accounts/operator-token.js';
import { newToken } from '../../../engine/accounts/tokens.js';
import { rebuildLedger } from '../../../engine/credits/rebuild/rebuild.js';
import { readUnverified } from '../../../engine/credits/rebuild/generation.js';
import { createPool } from '../../../db/pool.js';
import { migrate } from '../../../db/migrate.js';
import { registerSearchAttributes } from '../../shared/search-attributes.js';
import type { ServerAddresses } from './environment.js';

type Report = (line: string) => void;

/** Prepares the servers for the processes: migrations, search attributes, credits. Gives the operator's token. */
export async function prepareServers(
  servers: ServerAddresses,
  namespace: string,
  tokenFile: string,
  report: Report,
): Promise<string> {
  const applied = await migrate({ connectionString: servers.databaseUrl });
  report(
    `database: ${applied.length === 0 ? 'up to date' : `${applied.length} migrations applied`}`,
  );
  const registered = await withConnection(servers.temporalAddress, (connection) =>
    registerSearchAttributes(connection, namespace),
  );
  if (registered.length > 0) report(`Temporal: search attributes ${registered.join(', ')} added`);
  const pool = createPool({
    connectionString: servers.databaseUrl,
    max: 1,
    applicationName: 'quittance-up',
    onError: () => undefined,
  });
  try {
    // Before the processes start: the API is not ready until every ledger is verified.
    for (const ledger of await readUnverified(pool)) {
      const { addresses, differed } = await rebuildLedger(pool, ledger);
      report(`credits: ${addresses} addresses of ledger ${ledger} verified, ${differed} rebuilt`);
    }
    return await operatorToken(tokenFile, pool);
  } finally {
    await pool.end();
  }
}

async function withConnection<T>(
  address: string,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = await Connection.connect({ address });
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}

/** The development operator's API token: created at the first start, then kept in a file with mode 0600. */
async function operatorToken(file: string, pool: Pool): Promise<string> {
  const token = (await readIfExists(file)) ?? newToken();
  await ensureOperatorToken(pool, token);
  await writeFile(file, `${token}\n`, { mode: 0o600 });
  return token;
}

async function readIfExists(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
