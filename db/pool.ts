import pg from 'pg';
import { PreparingClient } from './preparing-client.js';

export interface PoolOptions {
  readonly connectionString: string;
  /** Connections at most. */
  readonly max: number;
  readonly applicationName: string;
  /** Told of a connection that broke while idle; the pool replaces it by itself. */
  readonly onError: (error: Error) => void;
}

const CONNECT_TIMEOUT_MS = 10_000;
const STATEMENT_TIMEOUT_MS = 30_000;
/** Short of the statement's, so that waiting for a lock is told apart from a slow statement. */
const LOCK_TIMEOUT_MS = 15_000;
/** A client that vanished in a transaction must not hold its locks for long. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 60_000;

/**
 * A pool whose BIGINTs are `bigint`, whose timestamptz are `Date`, and whose dates stay text. Queries of one connection that are
 * not waited for one by one are sent at once, and answered in their order.
 */
export function createPool(options: PoolOptions): pg.Pool {
  const pool = new pg.Pool({
    Client: PreparingClient,
    pipeline: true,
    connectionString: options.connectionString,
    max: options.max,
    application_name: options.applicationName,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    keepAlive: true,
    types,
  });
  pool.on('error', options.onError);
  // Nobody may listen yet, or any more, to one that is taken: its death would end the process. The pool takes no dead one back.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

const { builtins } = pg.types;
const INT8_ARRAY = 1016;

const ownParsers = new Map<number, (text: string) => unknown>([
  [builtins.INT8, BigInt],
  [INT8_ARRAY, (text) => parseBigints(text)],
  [builtins.DATE, (text) => text],
]);

/** Only this pool's: pg's own setTypeParser would change every pool of the process. */
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
