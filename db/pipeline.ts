import { DatabaseError } from 'pg';

const FAILED_TRANSACTION = '25P02';

type Results<T extends readonly unknown[]> = { -readonly [K in keyof T]: Awaited<T[K]> };

/**
 * Waits for queries that were sent without waiting for each other's answers: one round trip for all. Throws the first error of the
 * list that is a cause: a query that failed only because the transaction had already failed is not one. By then all queries are
 * answered, so that none of them runs after a rollback.
 */
export async function pipeline<T extends readonly unknown[] | []>(queries: T): Promise<Results<T>> {
  const outcomes = await Promise.allSettled(queries);
  const failures = outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [outcome.reason as unknown] : [],
  );
  if (failures.length > 0) throw failures.find((failure) => !isFollowUp(failure)) ?? failures[0];
  return Promise.all(queries);
}

/** Whether a query failed only because its transaction had failed before. */
export function isFollowUp(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === FAILED_TRANSACTION;
}
