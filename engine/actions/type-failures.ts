import { LightningError } from '../../adapters/lightning/port.js';
import { inTransaction } from '../../db/transaction.js';
import { Refusal } from '../../domain/refusal.js';
import type { EngineContext } from '../context.js';
import { MAX_TYPE_FAILURES, TypeFailed } from './run-type.js';

/**
 * Counts a failure of a type in work that was rolled back and is tried again: the payment of a type that keeps failing while PostgreSQL
 * is well is applied without it, at once where the type refused it. Other errors are not counted.
 */
export async function countTypeFailures(
  { pool }: Pick<EngineContext, 'pool'>,
  error: unknown,
): Promise<void> {
  if (!(error instanceof TypeFailed)) return;
  const { refs } = error;
  // Of several payments together it is not known which one was refused: each is applied by itself next.
  const isRefused = refs.length === 1 && error.cause instanceof Refusal;
  await inTransaction(pool, (tx) =>
    tx.query(
      `update attempts a set type_failures = a.type_failures + $3::integer
       from unnest($1::uuid[], $2::integer[]) as r(action_id, attempt)
       where a.action_id = r.action_id and a.attempt = r.attempt`,
      [
        refs.map(({ actionId }) => actionId),
        refs.map(({ attempt }) => attempt),
        isRefused ? MAX_TYPE_FAILURES : 1,
      ],
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

/**
 * For a request that makes a call to the node itself, so that its answer says what happened. When the node or a type fails, the answer
 * says how far it is, and the call is made again by others.
 */
export async function leavingFailures(
  engine: Pick<EngineContext, 'pool'>,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await countingTypeFailures(engine, work);
  } catch (error) {
    if (!(error instanceof LightningError || error instanceof TypeFailed)) throw error;
  }
}
