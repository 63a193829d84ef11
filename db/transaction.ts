import { setTimeout as pause } from 'node:timers/promises';
import type { Pool, PoolClient } from 'pg';
import { isRetryable } from './errors.js';

const MAX_TRIES = 5;
const FIRST_PAUSE_MS = 10;

/**
 * Runs the work in one read-committed transaction: commits when it returns, rolls back when it throws. After a deadlock, a
 * serialization failure or a stale plan the work is run again, at most five times in total, so it must have no effect outside
 * the transaction.
 */
export async function inTransaction<T>(
  pool: Pool,
  work: (tx: PoolClient) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await runOnce(pool, work);
    } catch (error) {
      if (attempt === MAX_TRIES || !isRetryable(error)) throw error;
      // Random, so that two transactions that collided do not collide again.
      await pause(FIRST_PAUSE_MS * 2 ** attempt * Math.random());
    }
  }
}

async function runOnce<T>(pool: Pool, work: (tx: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken = false;
  const transaction = new Transaction(client);
  try {
    // Awaited before the work starts: if it fails, statements sent after it would run outside of a transaction.
    await client.query('begin isolation level read committed');
    const result = await work(transaction.tx);
    await transaction.commit();
    return result;
  } catch (error) {
    transaction.close();
    broken = !(await rolledBack(client));
    throw error;
  } finally {
    client.release(broken);
  }
}

/** False if the rollback fails: then the connection must not be used again. */
async function rolledBack(client: PoolClient): Promise<boolean> {
  try {
    await client.query('rollback');
    return true;
  } catch {
    return false;
  }
}

/** A connection that refuses queries after its transaction has ended, so that a late query does not run in the next one. */
class Transaction {
  readonly tx: PoolClient;
  #open = true;

  constructor(private readonly client: PoolClient) {
    const query = (...args: Parameters<PoolClient['query']>): unknown =>
      this.#open
        ? client.query(...args)
        : Promise.reject(new Error('a query after the end of its transaction'));
    this.tx = Object.create(client, { query: { value: query } }) as PoolClient;
  }

  close(): void {
    this.#open = false;
  }

  /** PostgreSQL answers the commit of a failed transaction with ROLLBACK and no error. */
  async commit(): Promise<void> {
    this.close();
    const { command } = await this.client.query('commit');
    if (command !== 'COMMIT') {
      throw new Error('the transaction was rolled back: a failed statement in it went unnoticed');
    }
  }
}
