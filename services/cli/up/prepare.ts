import { Connection } from '@temporalio/client';
import { rebuildLedger } from '../../../engine/credits/rebuild/rebuild.js';
import { readUnverified } from '../../../engine/credits/rebuild/generation.js';
import { createPool } from '../../../db/pool.js';
import { migrate } from '../../../db/migrate.js';
import { registerSearchAttributes } from '../../shared/search-attributes.js';
import type { ServerAddresses } from './environment.js';
import { operatorToken } from './operator-token.js';

type Report = (line: string) => void;

/** Brings the servers to what the processes need; gives the operator's token. */
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
    // Nobody writes yet: the API would not be ready until it is done.
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
