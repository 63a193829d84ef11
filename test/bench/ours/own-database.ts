import { join } from 'node:path';
import { ensureOperatorToken } from '../../../engine/accounts/ensure-operator.js';
import { migrate } from '../../../db/migrate.js';
import { createPool } from '../../../db/pool.js';
import type { Bench } from '../bench.js';
import { Cast } from '../actors.js';
import { type Helper, startHelper } from '../helper.js';
import type { Pool } from 'pg';

export interface ApiAlone {
  readonly cast: Cast;
  readonly api: Helper;
  readonly pool: Pool;
  readonly databaseUrl: string;
  stop(): Promise<void>;
}

/** An API on a database of its own: nobody delivers what it opens. */
export async function startApiAlone(bench: Bench, name: string): Promise<ApiAlone> {
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
  await ensureOperatorToken(pool, operatorToken);
  const env = { ...variables, DATABASE_URL: connectionString };
  const api = await startHelper('ours/opening-api.js', env, join(folder, 'logs'));
  return {
    api,
    pool,
    databaseUrl: connectionString,
    cast: await Cast.hire(api.url, operatorToken),
    stop: async () => {
      await api.stop();
      await pool.end();
    },
  };
}
