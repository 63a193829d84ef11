import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Pool } from 'pg';
import type { Observation } from '../../../../adapters/lightning/lnd/journal.js';
import { createPool } from '../../../../db/pool.js';
import { toMsat } from '../../../../domain/money.js';
import { StoredJournal } from '../../../../services/lightning/journal/stored-journal.js';
import { migratedDatabase, type OwnDatabase } from '../../../support/empty-database.js';

let database: OwnDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await migratedDatabase();
  pool = createPool({
    ...{ connectionString: database.url, max: 2, applicationName: 'journal' },
    onError: () => undefined,
  });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const at = new Date('2026-01-02T03:04:05.000Z');
const settled = (hash: string): Observation => ({
  ...{ type: 'invoice', hash, state: 'settled', receivedMsat: toMsat(7_000n), at, index: 0n },
});
const failed = (hash: string, index: bigint): Observation => ({
  ...{
    type: 'payment',
    hash,
    state: 'failed',
    failure: 'no_route',
    feeMsat: toMsat(0n),
    at,
    index,
  },
});

test('a state is kept once, a failure once per payment, and in the order in which they came', async () => {
  const journal = new StoredJournal('node-a', pool);
  const store = journal.over(pool);
  const [first, second] = ['1'.repeat(64), '2'.repeat(64)];
  for (const one of [settled(first), failed(second, 4n), settled(first), failed(second, 4n)]) {
    await store.record(one);
  }
  await store.record(failed(second, 9n));
  expect((await journal.of(first)).map(({ state }) => state)).toEqual(['settled']);
  expect((await journal.of(second)).map(({ state }) => state)).toEqual(['failed', 'failed']);
  expect(await new StoredJournal('node-b', pool).of(first)).toEqual([]);
});

test('indexes move with the row, also for what is not ours, and never back', async () => {
  const store = new StoredJournal('node-c', pool).over(pool);
  expect(await store.indexes()).toEqual({ add: 0n, settle: 0n });
  await store.record(settled('3'.repeat(64)), { add: 5n, settle: 2n });
  await store.record(undefined, { add: 3n, settle: 3n });
  expect(await store.indexes()).toEqual({ add: 5n, settle: 3n });
  const wrong = { ...settled('no hash'), hash: 'no hash' };
  await expect(store.record(wrong, { add: 9n, settle: 9n })).rejects.toThrow();
  expect(await store.indexes()).toEqual({ add: 5n, settle: 3n });
});

test('who reads after a cursor is told what comes', async () => {
  const journal = new StoredJournal('node-d', pool);
  const store = journal.over(pool);
  const enough = new AbortController();
  const seen: string[] = [];
  await store.record(settled('4'.repeat(64)));
  for await (const { hash } of journal.after(0n, enough.signal)) {
    seen.push(hash);
    if (seen.length === 1) await store.record(settled('5'.repeat(64)));
    else enough.abort();
  }
  expect(seen).toEqual(['4'.repeat(64), '5'.repeat(64)]);
});
