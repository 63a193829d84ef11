import pg from 'pg';
import { PreparingClient } from './preparing-client.js';

export interface PoolOptions {
  readonly connectionString: string;
  /** Maximum number of connections. */
  readonly max: number;
  readonly applicationName: string;
  /** Called when an idle connection breaks. The pool replaces it. */
  readonly onError: (error: Error) => void;
}

const CONNECT_TIMEOUT_MS = 10_000;
const STATEMENT_TIMEOUT_MS = 30_000;
/** Below the statement timeout, so that the error tells a lock wait from a slow statement. */
const LOCK_TIMEOUT_MS = 15_000;
/** Limits how long a client that vanished in a transaction holds its locks. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 60_000;

/**
 * A pool that reads BIGINT as `bigint`, timestamptz as `Date` and date as text. Queries on one connection are pipelined: sent
 * without waiting for earlier answers, and answered in order.
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
  // A checked-out connection may have no other error listener, and an unhandled error would end the process. The pool discards broken ones.
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
