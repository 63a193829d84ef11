import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { z } from 'zod';
import { KEEPALIVE } from '../../../db/pool-limits.js';

export interface WatchLockOptions {
  readonly connectionString: string;
  /** The node's public key. */
  readonly node: string;
  /** How often to try while another process has the lock. */
  readonly retryMs: number;
}

const CONNECT_TIMEOUT_MS = 5_000;
const QUERY_TIMEOUT_MS = 5_000;
const PING_MS = 2_000;

const lockRow = z.object({ locked: z.boolean() });
const cursorRow = z.object({ cursor: z.string().transform(BigInt) });

/**
 * The lock for watching a node: an advisory lock, held as long as its own connection. The cursor is written
 * over the same connection, so that a process that lost the lock cannot move it.
 */
export class WatchLock {
  readonly #lost = new AbortController();
  readonly #pinging: NodeJS.Timeout;

  private constructor(
    private readonly client: pg.Client,
    private readonly node: string,
  ) {
    client.on('error', (error) => this.#lost.abort(error));
    client.on('end', () => this.#lost.abort(new Error('the connection ended')));
    // Notices a server that vanished without closing the connection.
    this.#pinging = setInterval(() => void this.#ping(), PING_MS);
  }

  /** Waits until the lock is free. Throws when aborted, or when PostgreSQL cannot be reached. */
  static async take(options: WatchLockOptions, signal: AbortSignal): Promise<WatchLock> {
    const { connectionString, node, retryMs } = options;
    const client = new pg.Client({
      connectionString,
      application_name: 'quittance-lightning-watcher',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: QUERY_TIMEOUT_MS,
      ...KEEPALIVE,
    });
    // A broken connection also rejects the query that is running.
    client.on('error', () => undefined);
    try {
      await client.connect();
      while (!(await tryLock(client, node))) await pause(retryMs, undefined, { signal });
      signal.throwIfAborted();
      return new WatchLock(client, node);
    } catch (error) {
      await close(client);
      throw error;
    }
  }

  /** Aborted when the connection is lost: another process may be watching then. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Up to where events are published; 0 at first. */
  async cursor(): Promise<bigint> {
    const { rows } = await this.client.query(
      'select cursor from lightning_cursors where node = $1',
      [this.node],
    );
    return rows[0] === undefined ? 0n : cursorRow.parse(rows[0]).cursor;
  }

  /** Moves the cursor; never backwards. */
  async advance(cursor: bigint, epoch: bigint): Promise<void> {
    await this.client.query(
      `insert into lightning_cursors as c (node, cursor, epoch) values ($1, $2, $3)
       on conflict (node) do update set cursor = excluded.cursor, epoch = excluded.epoch
        where c.cursor < excluded.cursor`,
      [this.node, cursor, epoch],
    );
  }

  /** Over the lock's own connection: it fails once the lock is lost. */
  query(text: string, values: readonly unknown[]): Promise<{ readonly rows: readonly unknown[] }> {
    return this.client.query(text, [...values]);
  }

  async release(): Promise<void> {
    clearInterval(this.#pinging);
    await close(this.client);
  }

  async #ping(): Promise<void> {
    try {
      await this.client.query('select 1');
    } catch (error) {
      this.#lost.abort(error);
    }
  }
}

async function tryLock(client: pg.Client, node: string): Promise<boolean> {
  const { rows } = await client.query(
    `select pg_try_advisory_lock(hashtextextended('quittance: watches node ' || $1, 0)) as locked`,
    [node],
  );
  return lockRow.parse(rows[0]).locked;
}

/** Also for a broken connection, which cannot be ended properly. */
async function close(client: pg.Client): Promise<void> {
  try {
    await client.end();
  } catch {
    // It is closed already.
  }
}
