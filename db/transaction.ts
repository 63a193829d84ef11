import { setTimeout as pause } from 'node:timers/promises';
import { DatabaseError, type Pool, type PoolClient } from 'pg';
import { isStalePlan } from './stale-plan.js';

const MAX_TRIES = 5;
const FIRST_PAUSE_MS = 10;

const SERIALIZATION_FAILURE = '40001';
const DEADLOCK_DETECTED = '40P01';

/**
 * Runs the work in one read-committed transaction: committed when it returns, rolled back when it
 * throws. A deadlock, a serialization failure or a plan of a table that has changed rolled everything back, so the work is run again,
 * five times at most: it must do nothing outside the transaction.
 */
export async function inTransaction<T>(
  pool: Pool,
  work: (tx: PoolClient) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await runOnce(pool, work);
    } catch (error) {
      if (attempt === MAX_TRIES || !wasRolledBackByOthers(error)) throw error;
      // Two that met once would meet again if both came back at the same moment.
      await pause(FIRST_PAUSE_MS * 2 ** attempt * Math.random());
    }
  }
}

function wasRolledBackByOthers(error: unknown): boolean {
  return (
    isStalePlan(error) ||
    (error instanceof DatabaseError &&
      (error.code === SERIALIZATION_FAILURE || error.code === DEADLOCK_DETECTED))
  );
}

async function runOnce<T>(pool: Pool, work: (tx: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken = false;
  const transaction = new Transaction(client);
  try {
    // Waited for: what is sent behind it would stand alone, should it fail.
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

/** False of a connection that cannot even do that: it must not be used again. */
async function rolledBack(client: PoolClient): Promise<boolean> {
  try {
    await client.query('rollback');
    return true;
  } catch {
    return false;
  }
}

/** A connection for the time of its transaction: a straggler must not get into the next one. */
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

  /** PostgreSQL answers the commit of a failed transaction with a rollback, and no error. */
  async commit(): Promise<void> {
    this.close();
    const { command } = await this.client.query('commit');
    if (command !== 'COMMIT') {
      throw new Error('the transaction was rolled back: a failed statement in it went unnoticed');
    }
  }
}
