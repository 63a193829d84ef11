import type { Pool } from 'pg';
import { migrate } from '../../../db/migrate.js';
import { createPool } from '../../../db/pool.js';
import type { DatabaseBench } from '../database-bench.js';

/** A pool on a new database with our schema. */
export async function ownDatabase(
  { parts: { pool, servers } }: DatabaseBench,
  name: 'bench_credits' | 'bench_credits_rebuild' | 'bench_trust',
  connections: number,
): Promise<Pool> {
  await pool.query(`create database ${name}`);
  const url = new URL(servers.databaseUrl);
  url.pathname = `/${name}`;
  await migrate({ connectionString: url.href });
  return createPool({
    connectionString: url.href,
    max: connections,
    applicationName: 'quittance-bench-own',
    onError: () => undefined,
  });
}
