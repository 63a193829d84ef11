import { Connection } from '@temporalio/client';
import type { Pool } from 'pg';
import { ensureOperatorToken } from '../../../engine/accounts/operator-token.js';
import { newToken } from '../../../engine/accounts/tokens.js';
import { createPool } from '../../../db/pool.js';
import { loadConfigPart } from '../../shared/config.js';
import { loadExtensions, migrateAll } from '../../shared/extensions.js';
import { registerSearchAttributes } from '../../shared/search-attributes.js';
import { temporalConfigAt, temporalConnection } from '../../shared/temporal/access.js';
import { pendingOffline } from '../upgrade/offline.js';
import { upgrade, verifyCredits } from '../upgrade/upgrade.js';
import type { ServerAddresses } from './environment.js';
import { readIfExists, writePrivate } from './home.js';

type Report = (line: string) => void;

/** Prepares the servers for the processes: migrations, search attributes, credits. Gives the operator's token. */
export async function prepareServers(
  servers: ServerAddresses,
  namespace: string,
  tokenFile: string,
  report: Report,
): Promise<string> {
  const { databaseUrl, temporalAddress } = servers;
  if ((await pendingOffline(databaseUrl)).length > 0) {
    report('the data are those of an earlier release: upgrading them');
    await upgrade({ databaseUrl, temporal: { address: temporalAddress, namespace }, report });
  }
  await loadExtensions(loadConfigPart(['QUITTANCE_EXTENSIONS']).extensions);
  const applied = await migrateAll({ connectionString: databaseUrl });
  report(
    `database: ${applied.length === 0 ? 'up to date' : `${applied.length} migrations applied`}`,
  );
  const registered = await withConnection(temporalAddress, (connection) =>
    registerSearchAttributes(connection, namespace),
  );
  if (registered.length > 0) report(`Temporal: search attributes ${registered.join(', ')} added`);
  // Before the processes start: the API is not ready until every ledger is verified.
  await verifyCredits(databaseUrl, report);
  const pool = createPool({
    connectionString: databaseUrl,
    max: 1,
    applicationName: 'quittance-up',
    onError: () => undefined,
  });
  try {
    return await operatorToken(tokenFile, pool);
  } finally {
    await pool.end();
  }
}

async function withConnection<T>(
  address: string,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = await Connection.connect(temporalConnection(temporalConfigAt(address)));
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
  await writePrivate(file, `${token}\n`);
  return token;
}
