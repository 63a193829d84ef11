import type { Pool } from 'pg';
import { createPool as createDatabasePool } from '../../db/pool.js';
import type { Config } from './config.js';
import type { Logger } from './logger.js';

/** The process' connection pool. A connection that is lost while idle is logged and replaced. */
export function createPool(
  config: Pick<Config, 'databaseUrl' | 'dbPoolSize'>,
  logger: Logger,
): Pool {
  const { service } = logger.bindings();
  return createDatabasePool({
    connectionString: config.databaseUrl,
    max: config.dbPoolSize,
    applicationName: typeof service === 'string' ? `quittance-${service}` : 'quittance',
    onError: (err) =>
      logger.warn({ err }, 'lost an idle connection to PostgreSQL: the pool opens another'),
  });
}
