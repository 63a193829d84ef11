import { DatabaseError } from 'pg';

const SERIALIZATION_FAILURE = '40001';
const DEADLOCK_DETECTED = '40P01';
const FEATURE_NOT_SUPPORTED = '0A000';

/** Connection exception, insufficient resources, shutdown, read-only transaction. */
const AWAY_STATES = /^(08...|53...|57P0[1-5]|25006)$/;

/** Canceled (statement_timeout among the causes), lock timeout, idle in a transaction, transaction timeout. */
const TOO_SLOW_STATES = /^(57014|55P03|25P0[34])$/;

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

/** Errors of pg and pg-pool that have no code. */
const MESSAGES =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Client was closed)/;

/** A limit of the client's side was met: nobody knows whether PostgreSQL is well. */
export class DatabaseUnavailable extends Error {
  override readonly name = 'DatabaseUnavailable';
}

/** Whether an error means that PostgreSQL cannot be reached or cannot answer now. A retry may succeed. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (error instanceof DatabaseError && TOO_SLOW_STATES.test(error.code ?? '')) return true;
  return error instanceof DatabaseUnavailable || isDatabaseAway(error);
}

/** Whether it is so for everybody, and not only for what one transaction waits for, such as a lock that another holds. */
export function isDatabaseAway(error: unknown): boolean {
  if (error instanceof DatabaseError) return AWAY_STATES.test(error.code ?? '');
  if (error instanceof AggregateError) return error.errors.every(isDatabaseAway);
  if (!(error instanceof Error)) return false;
  return ('code' in error && SYSTEM_CODES.has(error.code)) || MESSAGES.test(error.message);
}

/** The columns of a prepared statement's tables have changed since it was planned: a migration ran under a running process. */
export function isStalePlan(error: unknown): boolean {
  return (
    error instanceof DatabaseError &&
    error.code === FEATURE_NOT_SUPPORTED &&
    error.routine === 'RevalidateCachedQuery'
  );
}

/** Data exception (out of range, not a text), integrity constraint violation, a limit of the program such as an index row's size. */
const INPUT_CLASS = /^(22|23|54)...$/;

/** Whether PostgreSQL refused what it was given: the same again fails the same way, whoever asks. */
export function isRefusedInput(error: unknown): error is DatabaseError {
  return error instanceof DatabaseError && INPUT_CLASS.test(error.code ?? '');
}

/** Whether it refused a value as such, whatever else is stored. */
export function isRefusedValue(error: unknown): error is DatabaseError {
  return isRefusedInput(error) && error.code?.startsWith('23') === false;
}

/** Whether PostgreSQL rolled the transaction back for a reason that a second run does not meet again. */
export function isRetryable(error: unknown): boolean {
  return (
    isStalePlan(error) ||
    (error instanceof DatabaseError &&
      (error.code === SERIALIZATION_FAILURE || error.code === DEADLOCK_DETECTED))
  );
}
