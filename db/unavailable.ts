import { DatabaseError } from 'pg';

/** PostgreSQL says that it cannot work now: connection, shutdown, too many connections, out of time. */
const SQL_STATES = /^(08...|53...|57P0[1-5]|57014|55P03|25006)$/;

const SYSTEM_CODES: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'EPIPE',
]);

/** What pg and pg-pool say without a code. */
const MESSAGES =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error)/;

/** Whether an error means that PostgreSQL cannot be reached or cannot answer now: later it may. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (error instanceof DatabaseError) return SQL_STATES.test(error.code ?? '');
  if (error instanceof AggregateError) return error.errors.every(isDatabaseUnavailable);
  if (!(error instanceof Error)) return false;
  return ('code' in error && SYSTEM_CODES.has(error.code)) || MESSAGES.test(error.message);
}
