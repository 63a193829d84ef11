import { inTransaction } from '../../db/transaction.js';
import { TypeFailed } from '../actions/run-type.js';
import type { EngineContext } from '../context.js';

/**
 * Counts the failures of types in work that is tried again: the payment of a type that keeps failing while PostgreSQL is well is
 * applied without it. Throws what the work throws.
 */
export async function countingTypeFailures<T>(
  { pool }: Pick<EngineContext, 'pool'>,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TypeFailed) {
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
    throw error;
  }
}
