import { inTransaction } from '../../db/transaction.js';
import { TypeFailed } from '../actions/run-type.js';
import type { EngineContext } from '../context.js';

/**
 * Counts a failure of a type in work that was rolled back and is tried again: the payment of a type that keeps failing while PostgreSQL
 * is well is applied without it. Other errors are not counted.
 */
export async function countTypeFailures(
  { pool }: Pick<EngineContext, 'pool'>,
  error: unknown,
): Promise<void> {
  if (!(error instanceof TypeFailed)) return;
  const { refs } = error;
  await inTransaction(pool, (tx) =>
    tx.query(
      `update attempts a set type_failures = a.type_failures + 1
       from unnest($1::uuid[], $2::integer[]) as r(action_id, attempt)
       where a.action_id = r.action_id and a.attempt = r.attempt`,
      [refs.map(({ actionId }) => actionId), refs.map(({ attempt }) => attempt)],
    ),
  );
}

/** {@link countTypeFailures} of work; throws what the work throws. */
export async function countingTypeFailures<T>(
  engine: Pick<EngineContext, 'pool'>,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await countTypeFailures(engine, error);
    throw error;
  }
}
