import { DatabaseError } from 'pg';
import { ZodError } from 'zod';
import { Refusal } from '../../../domain/refusal.js';

const DATA_EXCEPTION = '22';
const INTEGRITY_VIOLATION = '23';
/** Lost races end in a violated constraint too; but not time after time. */
const DELIVERIES_FOR_SURE = 5;

/** Why a message can never be applied, or undefined where it may be, later: somebody is down. */
export function reasonForRefusal(error: unknown, deliveries: number): string | undefined {
  if (error instanceof Refusal) return error.message;
  if (!(error instanceof DatabaseError)) return undefined;
  const sqlClass = error.code?.slice(0, 2);
  const violates = sqlClass === INTEGRITY_VIOLATION && deliveries >= DELIVERIES_FOR_SURE;
  if (sqlClass === DATA_EXCEPTION || violates) return `PostgreSQL ${error.code}: ${error.message}`;
  return undefined;
}

/** Names what is wrong, never the value. */
export function describeUnreadable(error: unknown): string {
  if (error instanceof ZodError) {
    const issues = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    return `not what it should be: ${issues.join('; ')}`;
  }
  if (error instanceof SyntaxError) return 'not JSON';
  return error instanceof Error ? error.message : String(error);
}
