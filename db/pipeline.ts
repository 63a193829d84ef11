import { DatabaseError } from 'pg';

const FAILED_TRANSACTION = '25P02';

type Answers<T extends readonly unknown[]> = { -readonly [K in keyof T]: Awaited<T[K]> };

/**
 * Waits for queries that were sent one after the other, without waiting for the answers between: one round trip for all. Throws
 * what the first of the list failed of; not that of those which failed only because a transaction had ended with an earlier one.
 * All have been answered by then, so that nothing of theirs is sent after a rollback.
 */
export async function pipeline<T extends readonly unknown[] | []>(queries: T): Promise<Answers<T>> {
  const outcomes = await Promise.allSettled(queries);
  const failures = outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [outcome.reason as unknown] : [],
  );
  if (failures.length > 0) throw failures.find(isACause) ?? failures[0];
  return Promise.all(queries);
}

function isACause(error: unknown): boolean {
  return !(error instanceof DatabaseError && error.code === FAILED_TRANSACTION);
}
