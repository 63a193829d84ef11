import type { Pool } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DatabaseUnavailable, isDatabaseAway, isDatabaseUnavailable } from '../../../db/errors.js';
import { PROMPT, type PoolLimits } from '../../../db/pool-limits.js';
import { createPool } from '../../../db/pool.js';
import { inTransaction } from '../../../db/transaction.js';
import { emptyDatabase, testPool } from '../../support/empty-database.js';
import { createLatch } from '../../support/latch.js';
import { stopBackends } from '../../support/stopped-backends.js';
import { waitUntil } from '../../support/wait-until.js';

let admin: Pool;
let url: string;
let drop: () => Promise<void>;
let pools: Pool[] = [];

beforeAll(async () => {
  const database = await emptyDatabase();
  ({ url, drop } = database);
  admin = testPool(url, 4);
  await admin.query('create table rows (id int primary key, n int not null)');
});

beforeEach(async () => {
  await admin.query('truncate rows');
  await admin.query('insert into rows values (1, 0), (2, 0)');
});

afterEach(async () => {
  await Promise.all(pools.map((pool) => pool.end()));
  pools = [];
});

afterAll(async () => {
  await admin.end();
  await drop();
});

function limited(limits: Partial<PoolLimits>, max = 2): Pool {
  const pool = createPool({
    ...{ connectionString: url, max, applicationName: 'limited', onError: () => undefined },
    limits: { ...PROMPT, ...limits },
  });
  pools.push(pool);
  return pool;
}

const causeOf = (failing: Promise<unknown>): Promise<unknown> =>
  failing.then(
    () => 'no error',
    (error: unknown) => error,
  );

async function elapsed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

/** Backends that are in a transaction or a statement. */
async function busyBackends(): Promise<number> {
  const { rows } = await admin.query<{ n: number }>(
    `select count(*)::int as n from pg_stat_activity
     where datname = current_database() and application_name = 'limited' and state <> 'idle'`,
  );
  return rows[0]?.n ?? 0;
}

const write = (pool: Pool, id: number): Promise<unknown> =>
  inTransaction(pool, (tx) => tx.query('update rows set n = n + 1 where id = $1', [id]));

async function numbers(): Promise<number[]> {
  const { rows } = await admin.query<{ n: number }>('select n from rows order by id');
  return rows.map(({ n }) => n);
}

describe('a transaction at its limit', () => {
  const limits = { transactionMs: 300, statementMs: 1_000, idleInTransactionMs: 60_000 };

  test('is given up by the client, whatever it waits for, and holds no lock', async () => {
    const pool = limited(limits);
    const { opened, open } = createLatch();
    const late: unknown[] = [];
    const waiting = inTransaction(pool, async (tx) => {
      await tx.query('update rows set n = n + 1 where id = 1');
      await opened;
      late.push(await causeOf(tx.query('update rows set n = n + 1 where id = 2')));
    });
    expect(await causeOf(waiting)).toBeInstanceOf(DatabaseUnavailable);
    expect(pool.totalCount).toBe(0);
    await write(pool, 1);
    open();
    await waitUntil('the late query is refused', () => late.length === 1);
    expect(late[0]).toBeInstanceOf(Error);
    expect(await numbers()).toEqual([1, 0]);
  });

  test('is given up in the middle of a statement', async () => {
    const pool = limited(limits);
    const sleeping = inTransaction(pool, (tx) => tx.query('select pg_sleep(30)'));
    expect(isDatabaseUnavailable(await causeOf(sleeping))).toBe(true);
    expect(pool.totalCount).toBe(0);
    await waitUntil('its backend has ended', async () => (await busyBackends()) === 0);
  });

  test('is ended by the server from PostgreSQL 17 on', async () => {
    const pool = limited({});
    const { rows } = await pool.query<{ version: number; timeout: string | null }>(
      `select current_setting('server_version_num')::int as version,
              current_setting('transaction_timeout', true) as timeout`,
    );
    const [row] = rows;
    expect(row?.timeout).toBe((row?.version ?? 0) >= 170_000 ? '10s' : null);
  });
});

describe('a client that is idle in its transaction', () => {
  test('loses it, so that its locks are free, and is told that the database is unavailable', async () => {
    const pool = limited({ idleInTransactionMs: 200 });
    const { opened, open } = createLatch();
    const paused = inTransaction(pool, async (tx) => {
      await tx.query('update rows set n = n + 1 where id = 1');
      await opened;
      await tx.query('update rows set n = n + 1 where id = 2');
    });
    await waitUntil('it waits', async () => (await busyBackends()) === 1);
    await waitUntil('the server ends it', async () => (await busyBackends()) === 0);
    await write(pool, 1);
    open();
    expect(isDatabaseUnavailable(await causeOf(paused))).toBe(true);
    expect(await numbers()).toEqual([1, 0]);
  });
});

describe('a lock that another holds', () => {
  test('is not waited for longer than the limit; the database is not away', async () => {
    const pool = limited({ lockMs: 200 });
    await inTransaction(admin, async (tx) => {
      await tx.query('select from rows where id = 1 for update');
      const error = await causeOf(write(pool, 1));
      expect(error).toMatchObject({ code: '55P03' });
      expect(isDatabaseUnavailable(error)).toBe(true);
      expect(isDatabaseAway(error)).toBe(false);
      await write(pool, 2);
    });
    await write(pool, 1);
    expect(await numbers()).toEqual([1, 1]);
  });
});

describe('a server process that does not answer', () => {
  test('is given up, in and outside of a transaction, and its connection is replaced', async () => {
    const pool = limited({ queryMs: 300 });
    await Promise.all([1, 2].map(() => pool.query('select pg_sleep(0.1)')));
    const stopped = await stopBackends(admin, 'limited');
    try {
      expect(stopped.count).toBe(2);
      const errors = [causeOf(write(pool, 1)), causeOf(pool.query('select 1'))];
      for (const error of await Promise.all(errors)) expect(isDatabaseAway(error)).toBe(true);
      await write(pool, 2);
      expect(await numbers()).toEqual([0, 1]);
    } finally {
      stopped.continue();
    }
    await write(pool, 1);
    expect(await numbers()).toEqual([1, 1]);
  });
});

describe('waiting for a connection', () => {
  test('is bounded in time', async () => {
    const pool = limited({ connectMs: 200 }, 1);
    const client = await pool.connect();
    let error: unknown;
    const ms = await elapsed(async () => (error = await causeOf(pool.query('select 1'))));
    expect(isDatabaseAway(error)).toBe(true);
    expect(ms).toBeLessThan(2_000);
    client.release();
    await pool.query('select 1');
  });

  test('is bounded in number: further callers are refused at once', async () => {
    const pool = limited({ waiting: 3 }, 1);
    const client = await pool.connect();
    const waiting = [1, 2, 3].map(() => pool.query('select 1'));
    const refused = [write(pool, 1), pool.query('select 1')];
    for (const one of refused) expect(await causeOf(one)).toBeInstanceOf(DatabaseUnavailable);
    expect(pool.waitingCount).toBe(3);
    client.release();
    await Promise.all(waiting);
    await write(pool, 1);
  });
});
