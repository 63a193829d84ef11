import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { inTransaction } from '../../../db/transaction.js';
import { createLatch } from '../../support/latch.js';
import { emptyDatabase, testPool } from '../../support/empty-database.js';

let pool: pg.Pool;
let drop: () => Promise<void>;

beforeAll(async () => {
  const database = await emptyDatabase();
  drop = database.drop;
  pool = testPool(database.url, 4);
  await pool.query('create table balances (id int primary key, msat bigint not null)');
});

beforeEach(async () => {
  await pool.query('truncate balances');
  await pool.query('insert into balances values (1, 100), (2, 100)');
});

afterAll(async () => {
  await pool.end();
  await drop();
});

const add = (tx: pg.PoolClient, id: number, msat: bigint): Promise<unknown> =>
  tx.query('update balances set msat = msat + $2 where id = $1', [id, msat]);

async function balances(): Promise<bigint[]> {
  const { rows } = await pool.query<{ msat: bigint }>('select msat from balances order by id');
  return rows.map(({ msat }) => msat);
}

describe('one transaction', () => {
  test('is committed when the work returns, with what it returned', async () => {
    expect(await inTransaction(pool, (tx) => add(tx, 1, 5n).then(() => 'done'))).toBe('done');
    expect(await balances()).toEqual([105n, 100n]);
  });

  test('is rolled back when the work throws, and the connection is reused', async () => {
    const before = pool.totalCount;
    const work = inTransaction(pool, async (tx) => {
      await add(tx, 1, 5n);
      throw new Error('refused');
    });
    await expect(work).rejects.toThrow('refused');
    expect(await balances()).toEqual([100n, 100n]);
    expect(pool.totalCount).toBe(before);
  });

  test('fails when the work swallowed the error of a statement', async () => {
    const work = inTransaction(pool, async (tx) => {
      await add(tx, 1, 5n);
      await tx.query('select 1 / 0').catch(() => undefined);
    });
    await expect(work).rejects.toThrow('a failed statement in it went unnoticed');
    expect(await balances()).toEqual([100n, 100n]);
  });

  test('is read committed', async () => {
    const level = await inTransaction(pool, async (tx) => {
      const { rows } = await tx.query<{ level: string }>(
        "select current_setting('transaction_isolation') as level",
      );
      return rows[0]?.level;
    });
    expect(level).toBe('read committed');
  });
});

describe('conflicting transactions', () => {
  test('in a deadlock: the aborted one is run again, and both are applied once', async () => {
    const firstLocked = { 1: createLatch(), 2: createLatch() };
    const tries = { 1: 0, 2: 0 };
    const cross = (from: 1 | 2, to: 1 | 2): Promise<void> =>
      inTransaction(pool, async (tx) => {
        tries[from] += 1;
        await add(tx, from, -10n);
        firstLocked[from].open();
        await firstLocked[to].opened;
        await add(tx, to, 10n);
      });
    await Promise.all([cross(1, 2), cross(2, 1)]);
    expect(await balances()).toEqual([100n, 100n]);
    expect(tries[1] + tries[2]).toBe(3);
  });

  test('are given up after five tries; other errors are not retried', async () => {
    let tries = 0;
    const failing = (code: string): Promise<void> =>
      inTransaction(pool, async (tx) => {
        tries += 1;
        await tx.query(`do $$ begin raise exception 'as if' using errcode = '${code}'; end $$`);
      });
    await expect(failing('40001')).rejects.toThrow('as if');
    expect(tries).toBe(5);
    tries = 0;
    await expect(failing('23505')).rejects.toThrow('as if');
    expect(tries).toBe(1);
  });
});

test('a connection that breaks in a transaction is discarded, and the next one works', async () => {
  const work = inTransaction(pool, async (tx) => {
    const { rows } = await tx.query<{ pid: number }>('select pg_backend_pid() as pid');
    await add(tx, 1, 5n);
    const gone = new Promise((resolve) => tx.once('end', resolve));
    await pool.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
    await gone;
    await add(tx, 2, 5n);
  });
  await expect(work).rejects.toThrow();
  expect(await balances()).toEqual([100n, 100n]);
  await inTransaction(pool, (tx) => add(tx, 1, 5n));
  expect(await balances()).toEqual([105n, 100n]);
});

test('a connection that cannot roll back is discarded', async () => {
  let taken: unknown;
  const work = inTransaction(pool, async (tx) => {
    const client = Object.getPrototypeOf(tx) as pg.PoolClient;
    taken = client;
    await add(tx, 1, 5n);
    Object.assign(client, { query: () => Promise.reject(new Error('no answer')) });
    throw new Error('refused');
  });
  await expect(work).rejects.toThrow('refused');
  const next = await pool.connect();
  next.release();
  expect(next).not.toBe(taken);
  expect(await balances()).toEqual([100n, 100n]);
});

test('BIGINT is read as bigint, date as text, timestamptz as Date', async () => {
  const { rows } = await pool.query(
    `select 9007199254740993::bigint as amount, array[1, null, 9007199254740993]::bigint[] as many,
            '{}'::bigint[] as none, 'infinity'::float8 as other,
            date '2026-11-21' as day, timestamptz '2026-11-21 00:00:00Z' as instant`,
  );
  expect(rows).toEqual([
    {
      amount: 9007199254740993n,
      many: [1n, null, 9007199254740993n],
      none: [],
      other: Infinity,
      day: '2026-11-21',
      instant: new Date('2026-11-21T00:00:00Z'),
    },
  ]);
});
