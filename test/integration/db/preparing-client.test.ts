import type { Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { emptyDatabase, testPool } from '../../support/empty-database.js';

/** Maximum of prepared statements. The count is kept per process, so this file has no other tests. */
const MAX_PREPARED = 500;

let database: Awaited<ReturnType<typeof emptyDatabase>>;
let pool: Pool;

beforeAll(async () => {
  database = await emptyDatabase();
  pool = testPool(database.url, 1);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

async function prepared(): Promise<number> {
  const { rows } = await pool.query<{ n: number }>(
    'select count(*)::integer as n from pg_prepared_statements',
  );
  return rows[0]?.n ?? 0;
}

async function add(to: number, n: number): Promise<unknown> {
  const { rows } = await pool.query<{ sum: number }>(`select $1::integer + ${to} as sum`, [n]);
  return rows[0]?.sum;
}

test('a connection prepares a limited number of statements, and answers the others without', async () => {
  const statements = Array.from({ length: MAX_PREPARED + 100 }, (_, to) => to);
  for (const to of statements) expect(await add(to, 1)).toBe(to + 1);
  // Each was sent once.
  expect(await prepared()).toBe(0);
  for (const to of statements) {
    for (const n of [2, 3, 4]) expect(await add(to, n)).toBe(to + n);
  }
  expect(await prepared()).toBe(MAX_PREPARED);
  for (const to of statements) expect(await add(to, 5)).toBe(to + 5);
  expect(await prepared()).toBe(MAX_PREPARED);
}, 120_000);
