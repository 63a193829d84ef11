import pg from 'pg';
import { DatabaseUnavailable } from './errors.js';
import { KEEPALIVE, PATIENT, type PoolLimits } from './pool-limits.js';
import { PreparingClient } from './preparing-client.js';

export interface PoolOptions {
  readonly connectionString: string;
  /** Maximum number of connections. */
  readonly max: number;
  readonly applicationName: string;
  /** Called when an idle connection breaks. The pool replaces it. */
  readonly onError: (error: Error) => void;
  /** Default: {@link PATIENT}. */
  readonly limits?: PoolLimits;
}

/** Before PostgreSQL 17 this sets nothing. */
const SET_TRANSACTION_TIMEOUT = `select set_config('transaction_timeout', $1, false)
  where current_setting('transaction_timeout', true) is not null`;

/**
 * A pool that reads BIGINT as `bigint`, timestamptz as `Date` and date as text. Queries on one connection are pipelined: sent
 * without waiting for earlier answers, and answered in order. Throws {@link DatabaseUnavailable} when too many wait for a connection.
 */
export function createPool(options: PoolOptions): pg.Pool {
  const { limits = PATIENT } = options;
  const pool = new LimitedPool(limits, {
    Client: PreparingClient,
    pipeline: true,
    connectionString: options.connectionString,
    max: options.max,
    application_name: options.applicationName,
    connectionTimeoutMillis: limits.connectMs,
    statement_timeout: limits.statementMs,
    lock_timeout: limits.lockMs,
    idle_in_transaction_session_timeout: limits.idleInTransactionMs,
    ...(Number.isFinite(limits.queryMs) ? { query_timeout: limits.queryMs } : {}),
    ...KEEPALIVE,
    types,
  });
  pool.on('error', options.onError);
  pool.on('connect', (client) => {
    // A checked-out connection may have no other error listener, and an unhandled error would end the process. The pool discards broken ones.
    client.on('error', () => undefined);
    if (!Number.isFinite(limits.transactionMs)) return;
    // Pipelined ahead of the first query. The client keeps the limit too, so a failure does no harm.
    client.query(SET_TRANSACTION_TIMEOUT, [String(limits.transactionMs)]).catch(() => undefined);
  });
  return pool;
}

/** The longest that a transaction of this pool may take, in milliseconds. */
export function transactionLimitOf(pool: pg.Pool): number {
  return pool instanceof LimitedPool ? pool.limits.transactionMs : Infinity;
}

type Connected = Parameters<Parameters<pg.Pool['connect']>[0]>;

class LimitedPool extends pg.Pool {
  constructor(
    readonly limits: PoolLimits,
    config: pg.PoolConfig,
  ) {
    super(config);
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: (...connected: Connected) => void): void;
  override connect(callback?: (...connected: Connected) => void): Promise<pg.PoolClient> | void {
    if (this.waitingCount < this.limits.waiting) {
      if (callback === undefined) return super.connect();
      super.connect(callback);
      return;
    }
    const refused = new DatabaseUnavailable('too many wait for a connection to PostgreSQL');
    if (callback === undefined) return Promise.reject(refused);
    process.nextTick(callback, refused, undefined, () => undefined);
  }
}

const { builtins } = pg.types;
const INT8_ARRAY = 1016;

const ownParsers = new Map<number, (text: string) => unknown>([
  [builtins.INT8, BigInt],
  [INT8_ARRAY, (text) => parseBigints(text)],
  [builtins.DATE, (text) => text],
]);

/** For this pool only: pg's setTypeParser would change every pool in the process. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) => {
    const inherited = pg.types.getTypeParser(oid, format) as (text: string) => unknown;
    return format === 'binary' ? inherited : (ownParsers.get(oid) ?? inherited);
  },
};

function parseBigints(text: string): (bigint | null)[] {
  const members = text.slice(1, -1);
  return members === ''
    ? []
    : members.split(',').map((member) => (member === 'NULL' ? null : BigInt(member)));
}
