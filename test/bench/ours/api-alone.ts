import { join } from 'node:path';
import { ensureOperatorToken } from '../../../engine/accounts/operator-token.js';
import { migrate } from '../../../db/migrate.js';
import { withoutItemRules } from '../../support/empty-database.js';
import { createPool } from '../../../db/pool.js';
import type { Bench } from '../bench.js';
import { Actors } from '../actors.js';
import { type HelperProcess, startHelperProcess } from '../helper-process.js';
import type { Pool } from 'pg';

export interface ApiAlone {
  readonly actors: Actors;
  readonly api: HelperProcess;
  readonly pool: Pool;
  readonly databaseUrl: string;
  stop(): Promise<void>;
}

/** An API with its own database and no relay: what it opens is not processed further. */
export async function startApiAlone(
  bench: Bench,
  name: string,
  more: Readonly<Record<string, string>> = {},
): Promise<ApiAlone> {
  const { pool: admin, servers, variables, folder, operatorToken } = bench.parts;
  await admin.query(`create database ${name}`);
  const url = new URL(servers.databaseUrl);
  url.pathname = `/${name}`;
  const connectionString = url.toString();
  await migrate({ connectionString });
  const pool = createPool({
    connectionString,
    max: 2,
    applicationName: 'quittance-bench-alone',
    onError: () => undefined,
  });
  await withoutItemRules(pool);
  await ensureOperatorToken(pool, operatorToken);
  const env = { ...variables, DATABASE_URL: connectionString, ...more };
  const api = await startHelperProcess('ours/opening-api.js', env, join(folder, 'logs'));
  return {
    api,
    pool,
    databaseUrl: connectionString,
    actors: await Actors.create(api.url, operatorToken),
    stop: async () => {
      await api.stop();
      await pool.end();
    },
  };
}
