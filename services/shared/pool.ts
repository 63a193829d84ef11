import type { Pool } from 'pg';
import type { Registry } from 'prom-client';
import { createPool as createDatabasePool } from '../../db/pool.js';
import { PATIENT, PROMPT, type PoolLimits } from '../../db/pool-limits.js';
import type { Config } from './config.js';
import type { Logger } from './logger.js';
import { lazyGauge } from './metrics.js';
import type { Service } from './process.js';

/** The process' connection pool. A connection that is lost while idle is logged and replaced. */
export function createPool(
  config: Pick<Config, 'databaseUrl' | 'dbPoolSize'>,
  logger: Logger,
  { name = '', limits = PATIENT }: { readonly name?: string; readonly limits?: PoolLimits } = {},
): Pool {
  const { service } = logger.bindings();
  const parts = ['quittance', ...(typeof service === 'string' ? [service] : []), name];
  return createDatabasePool({
    connectionString: config.databaseUrl,
    max: config.dbPoolSize,
    applicationName: parts.filter((part) => part !== '').join('-'),
    onError: (err) =>
      logger.warn({ err }, 'lost an idle connection to PostgreSQL: the pool opens another'),
    limits,
  });
}

/** PostgreSQL itself, for what takes a session of its own: LISTEN, locks that outlive a transaction, migrations. A pooler has none. */
export function directUrl({
  databaseDirectUrl,
  databaseUrl,
}: Pick<Config, 'databaseDirectUrl' | 'databaseUrl'>): string {
  return databaseDirectUrl ?? databaseUrl;
}

/**
 * What connections are for. Each has a pool of its own, so that none waits for another: a lock that holds up payments leaves reads
 * alone, and confirmations leave payments alone.
 */
const SIZES = {
  payments: ({ dbPoolSize }) => dbPoolSize,
  cancellations: ({ dbOtherPoolSize }) => dbOtherPoolSize,
  confirmations: ({ dbOtherPoolSize }) => dbOtherPoolSize,
  intake: ({ dbOtherPoolSize }) => dbOtherPoolSize,
  calls: ({ dbPoolSize }) => dbPoolSize,
  reads: ({ dbReadsPoolSize }) => dbReadsPoolSize,
} as const satisfies Readonly<Record<string, (config: Config) => number>>;

export type PoolName = keyof typeof SIZES;
export type Pools<N extends PoolName> = Readonly<Record<N, Pool>>;

/** Opens the pools of a process, shows them at /metrics, and closes them at the stop. Their default limits are {@link PROMPT}. */
export function openPools<const N extends PoolName>(
  { config, logger, metrics, onStop }: Pick<Service, 'config' | 'logger' | 'metrics' | 'onStop'>,
  names: readonly N[],
  limits: Partial<Readonly<Record<N, PoolLimits>>> = {},
): Pools<N> {
  const entries = names.map((name): [N, Pool] => {
    const sized = { ...config, dbPoolSize: SIZES[name](config) };
    return [name, createPool(sized, logger, { name, limits: limits[name] ?? PROMPT })];
  });
  for (const [name, pool] of entries) onStop(`PostgreSQL for ${name}`, () => pool.end());
  registerPoolMetrics(metrics, logger, entries);
  // fromEntries loses the names in its type.
  return Object.fromEntries(entries) as Pools<N>;
}

/** Resolves when a pool answers: a process with one that does can serve part of its callers. Rejects when none does. */
export function someAnswers(pools: Readonly<Record<string, Pool>>): Promise<unknown> {
  return Promise.any(Object.values(pools).map((pool) => pool.query('select 1'))).catch(
    (error: unknown) => {
      throw error instanceof AggregateError ? error.errors[0] : error;
    },
  );
}

function registerPoolMetrics(
  registry: Registry,
  logger: Logger,
  pools: readonly (readonly [string, Pool])[],
): void {
  const gauge = (name: string, help: string, read: (pool: Pool) => number): void =>
    lazyGauge(registry, logger, {
      name,
      help,
      labelNames: ['pool'],
      read: () =>
        Promise.resolve(
          pools.map(([pool, connections]) => ({ labels: { pool }, value: read(connections) })),
        ),
    });
  gauge(
    'quittance_db_connections_in_use',
    'Connections to PostgreSQL that a request or a message uses.',
    ({ totalCount, idleCount }) => totalCount - idleCount,
  );
  gauge(
    'quittance_db_connections_idle',
    'Open connections to PostgreSQL that nothing uses.',
    ({ idleCount }) => idleCount,
  );
  gauge(
    'quittance_db_waiting',
    'Callers that wait for a connection to PostgreSQL. Nobody waits longer than 3 s.',
    ({ waitingCount }) => waitingCount,
  );
}
