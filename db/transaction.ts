import { setTimeout as pause } from 'node:timers/promises';
import { DatabaseError, type Pool, type PoolClient } from 'pg';
import { DatabaseUnavailable, isDatabaseUnavailable, isRetryable } from './errors.js';
import { pipeline } from './pipeline.js';
import { transactionLimitOf } from './pool.js';
import { beginStatement } from './trace-setting.js';

const MAX_TRIES = 5;
const FIRST_PAUSE_MS = 10;

/**
 * Runs the work in one read-committed transaction: commits when it returns, rolls back when it throws. After a deadlock, a
 * serialization failure or a stale plan the work is run again, at most five times in total, so it must have no effect outside
 * the transaction. Throws {@link DatabaseUnavailable} at the pool's limit; whether a commit under way succeeded is then unknown.
 */
export async function inTransaction<T>(
  pool: Pool,
  work: (tx: PoolClient) => Promise<T>,
): Promise<T> {
  const until = performance.now() + transactionLimitOf(pool);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await runOnce(pool, work);
    } catch (error) {
      if (attempt === MAX_TRIES || !isRetryable(error) || performance.now() > until) throw error;
      // Random, so that two transactions that collided do not collide again.
      await pause(FIRST_PAUSE_MS * 2 ** attempt * Math.random());
    }
  }
}

/**
 * Runs one statement with settings of its own (`set local …`) in one round trip: both go out together with the begin and the commit. Should
 * its begin fail, it would run without them, so it must be right alone.
 */
export async function inOneTrip<T>(
  pool: Pool,
  settings: string,
  statement: (tx: PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let broken = true;
  try {
    const [, , result, { command }] = await pipeline([
      client.query(beginStatement()),
      client.query(settings),
      statement(client),
      client.query('commit'),
    ]);
    if (command !== 'COMMIT') throw new Error('the transaction was rolled back');
    broken = false;
    return result;
  } catch (error) {
    // The commit has ended the transaction of a statement that failed.
    broken = isDatabaseUnavailable(error) || !(error instanceof DatabaseError);
    if (!isRetryable(error)) throw error;
  } finally {
    client.release(broken);
  }
  return inTransaction(pool, async (tx) => {
    await tx.query(settings);
    return statement(tx);
  });
}

async function runOnce<T>(pool: Pool, work: (tx: PoolClient) => Promise<T>): Promise<T> {
  const transaction = new Transaction(await pool.connect());
  const limitMs = transactionLimitOf(pool);
  if (!Number.isFinite(limitMs)) return run(transaction, work);
  return within(limitMs, run(transaction, work), () => transaction.abandon());
}

async function run<T>(transaction: Transaction, work: (tx: PoolClient) => Promise<T>): Promise<T> {
  try {
    await transaction.begin();
    const result = await work(transaction.tx);
    await transaction.commit();
    return result;
  } catch (error) {
    await transaction.rollback();
    throw error;
  }
}

async function within<T>(ms: number, running: Promise<T>, expire: () => void): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      expire();
      reject(new DatabaseUnavailable(`a transaction took longer than ${ms} ms`));
    }, ms);
  });
  try {
    return await Promise.race([running, expired]);
  } finally {
    clearTimeout(timer);
  }
}

/** A connection that refuses queries after its transaction has ended, so that a late query does not run in the next one. */
class Transaction {
  readonly tx: PoolClient;
  #open = true;
  #released = false;

  constructor(private readonly client: PoolClient) {
    const query = (...args: Parameters<PoolClient['query']>): unknown =>
      this.#open
        ? client.query(...args)
        : Promise.reject(new Error('a query after the end of its transaction'));
    this.tx = Object.create(client, { query: { value: query } }) as PoolClient;
  }

  /** To be awaited before the work starts: if it fails, statements sent after it would run outside of a transaction. */
  async begin(): Promise<void> {
    await this.client.query(beginStatement());
  }

  /** PostgreSQL answers the commit of a failed transaction with ROLLBACK and no error. */
  async commit(): Promise<void> {
    this.#open = false;
    const { command } = await this.client.query('commit');
    if (command !== 'COMMIT') {
      throw new Error('the transaction was rolled back: a failed statement in it went unnoticed');
    }
    this.#release();
  }

  /** If it fails, the connection is not used again. */
  async rollback(): Promise<void> {
    this.#open = false;
    const done = this.client.query('rollback').then(
      () => true,
      () => false,
    );
    this.#release({ broken: !(await done) });
  }

  /** Closes the connection, whose server process may never answer again. */
  abandon(): void {
    this.#open = false;
    this.client.connection.stream.destroy();
    this.#release({ broken: true });
  }

  #release({ broken }: { broken: boolean } = { broken: false }): void {
    if (this.#released) return;
    this.#released = true;
    this.client.release(broken);
  }
}
