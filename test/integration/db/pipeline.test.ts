import type { Pool } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { pipeline } from '../../../db/pipeline.js';
import { inTransaction } from '../../../db/transaction.js';
import { emptyDatabase, testPool } from '../../support/empty-database.js';

const INSERT = 'insert into kept values ($1)';

let database: Awaited<ReturnType<typeof emptyDatabase>>;
let pool: Pool;

beforeAll(async () => {
  database = await emptyDatabase();
  pool = testPool(database.url, 1);
  await pool.query('create table kept (n integer primary key check (n <> 13))');
});
beforeEach(() => pool.query('truncate kept'));
afterAll(async () => {
  await pool.end();
  await database.drop();
});

function kept(): Promise<number[]> {
  return pool
    .query<{ n: number }>('select n from kept order by n')
    .then(({ rows }) => rows.map(({ n }) => n));
}

describe('pipelined queries', () => {
  it('get their own answers, prepared or not', async () => {
    for (let i = 0; i < 4; i += 1) {
      const answers = await inTransaction(pool, (tx) =>
        pipeline([
          tx.query<{ n: number }>('select $1::integer as n', [i]),
          tx.query<{ n: string }>('select $1::text as n', ['text']),
          tx.query<{ n: number }>('select $1::integer as n', [i + 100]),
        ]),
      );
      expect(answers.map(({ rows }) => rows[0]?.n)).toEqual([i, 'text', i + 100]);
    }
  });

  it('fail with the first cause, change nothing, and leave the connection usable', async () => {
    for (let i = 0; i < 4; i += 1) {
      const failing = inTransaction(pool, (tx) =>
        pipeline([
          tx.query(INSERT, [1]),
          // Its second query is sent after the others and fails because one of them failed.
          tx.query(INSERT, [2]).then(() => tx.query(INSERT, [3])),
          tx.query(INSERT, [13]),
          tx.query(INSERT, [4]),
        ]),
      );
      await expect(failing).rejects.toMatchObject({ constraint: 'kept_n_check' });
      expect(await kept()).toEqual([]);
    }
    await inTransaction(pool, (tx) => pipeline([tx.query(INSERT, [5]), tx.query(INSERT, [6])]));
    expect(await kept()).toEqual([5, 6]);
  });

  it('have all ended before the transaction is rolled back', async () => {
    const late = inTransaction(pool, (tx) =>
      pipeline([
        Promise.reject(new Error('refused')),
        tx.query(INSERT, [7]).then(() => tx.query(INSERT, [8])),
      ]),
    );
    await expect(late).rejects.toThrow('refused');
    expect(await kept()).toEqual([]);
  });
});

describe('a late query', () => {
  it('is refused after the end of its transaction', async () => {
    let lateQuery: Promise<unknown> = Promise.resolve();
    await inTransaction(pool, async (tx) => {
      lateQuery = tx.query(INSERT, [9]).then(() => tx.query(INSERT, [10]));
      lateQuery.catch(() => undefined);
      return Promise.resolve();
    });
    await expect(lateQuery).rejects.toThrow('after the end of its transaction');
    expect(await kept()).toEqual([9]);
  });
});

describe('repeated statements', () => {
  it('are prepared once per connection', async () => {
    for (let i = 0; i < 5; i += 1) await pool.query('select $1::integer + 1000', [i]);
    const { rows } = await pool.query<{ statement: string; runs: bigint }>(
      `select statement, generic_plans + custom_plans as runs from pg_prepared_statements
       where statement like '%+ 1000'`,
    );
    expect(rows).toEqual([{ statement: 'select $1::integer + 1000', runs: 4n }]);
  });

  it('are planned again when their tables change', async () => {
    const all = 'select * from kept where n = $1';
    const read = (): Promise<{ rows: unknown[] }> => pool.query(all, [1]);
    const readTwice = (): Promise<{ rows: unknown[] }> =>
      inTransaction(pool, (tx) => pipeline([tx.query(all, [1]), tx.query(all, [1])])).then(
        ([first]) => first,
      );
    await pool.query('insert into kept values (1)');
    for (const [column, asked] of [
      ['a', read],
      ['b', readTwice],
      ['c', read],
    ] as const) {
      for (let i = 0; i < 7; i += 1) await asked();
      await pool.query(`alter table kept add column ${column} text default '${column}'`);
      expect((await asked()).rows).toMatchObject([{ n: 1, [column]: column }]);
    }
  });
});
