import { DatabaseError } from 'pg';

const FEATURE_NOT_SUPPORTED = '0A000';

/** A prepared statement whose tables have got other columns since: a release migrated them under a running process. */
export function isStalePlan(error: unknown): boolean {
  return (
    error instanceof DatabaseError &&
    error.code === FEATURE_NOT_SUPPORTED &&
    error.routine === 'RevalidateCachedQuery'
  );
}
