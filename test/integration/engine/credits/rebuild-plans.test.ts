import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  addressBatches,
  type AddressRange,
  planRanges,
} from '../../../../engine/credits/rebuild/addresses.js';
import { beginReplay } from '../../../../engine/credits/rebuild/generation.js';
import { rebuildRange } from '../../../../engine/credits/rebuild/rebuild.js';
import { type LedgerForTests, ledgerForTests } from './ledger-fixture.helper.js';

/** So many that the index of addresses has one level more than others: where nothing is known of them, PostgreSQL prefers those. */
const ADDRESSES = 30_000;
/** Rows of the history that are read per address, with the entries of its index. */
const MOST_EACH = 10;
/** It is replayed as well, and referred to by what is written. */
const MOST_EACH_REBUILT = 40;

let ledger: LedgerForTests;
beforeAll(async () => {
  // One connection, so that its statistics are all there are.
  ledger = await ledgerForTests(1);
  await ledger.pool.query('alter table credit_history set (autovacuum_enabled = false)');
  await bringIn('actions', 60, 20);
  await ledger.pool.query('analyze credit_history');
  await bringIn('aleph', ADDRESSES, ADDRESSES);
  // As processes run: not as the owner of the table.
  await ledger.pool.query('grant execute on function analyze_credit_history() to pg_read_all_data');
  await ledger.pool.query('set role pg_read_all_data');
  await beginReplay(ledger.pool, 'aleph');
  await ledger.pool.query('reset role');
});
afterAll(() => ledger.close());

const bringIn = (name: string, rows: number, addresses: number) =>
  ledger.pool.query(
    `insert into credit_history (ledger, credit_ref, credit_index, address, amount, at)
     select $1, 'brought in', i, 'address ' || i % $3, 10, now() from generate_series(1, $2::int) i`,
    [name, rows, addresses],
  );

/** Rows of the history that have been read. */
async function rowsRead(): Promise<number> {
  await ledger.pool.query('select pg_stat_force_next_flush()');
  const { rows } = await ledger.pool.query<{ n: bigint }>(
    `select seq_tup_read + idx_tup_fetch + (
       select sum(idx_tup_read) from pg_stat_user_indexes where relid = t.relid)::bigint as n
     from pg_stat_user_tables t where relid = 'credit_history'::regclass`,
  );
  return Number(rows[0]?.n);
}

function firstOf([range]: readonly AddressRange[]): AddressRange {
  if (range === undefined) throw new Error('there is no range');
  return range;
}

test('a history that was brought in after its table was analyzed is not read once per address', async () => {
  const before = await rowsRead();
  const ranges = await planRanges(ledger.pool, 'aleph', '');
  expect(ranges).toHaveLength(4);
  const planned = await rowsRead();
  expect((planned - before) / 4000).toBeLessThan(MOST_EACH);
  let addresses = 0;
  for await (const { rows } of addressBatches(ledger.pool, firstOf(ranges))) addresses += rows;
  expect(addresses).toBe(1000);
  expect(((await rowsRead()) - planned) / addresses).toBeLessThan(MOST_EACH);
});

test('nor is it by a rebuild', async () => {
  const range = firstOf(await planRanges(ledger.pool, 'aleph', ''));
  const before = await rowsRead();
  let addresses = 0;
  for await (const batch of rebuildRange(ledger.pool, range, { dryRun: false })) {
    addresses += batch.addresses;
  }
  expect(addresses).toBe(1000);
  expect(((await rowsRead()) - before) / addresses).toBeLessThan(MOST_EACH_REBUILT);
  // Each batch has a plan of its own: one that is kept was made when the tables had a few rows.
  const { rows } = await ledger.pool.query(
    `select sum(generic_plans) as kept, sum(custom_plans) > 0 as made from pg_prepared_statements
     where statement like '%for no key update%'`,
  );
  expect(rows).toEqual([{ kept: '0', made: true }]);
});

test('what is no refund is in no index of refunds', async () => {
  const { rows } = await ledger.pool.query(
    `select indexrelname as name, indpred is not null as "onlyRefunds"
     from pg_stat_user_indexes join pg_index using (indexrelid)
     where relid = 'credit_history'::regclass and pg_get_indexdef(indexrelid) like '%refund%'`,
  );
  expect(rows).toEqual([{ name: 'credit_history_ledger_refund_once', onlyRefunds: true }]);
});
