import { afterAll, beforeAll, expect, test } from 'vitest';
import { planRanges } from '../../../../engine/credits/plan-ranges.js';
import { createRebuildActivities } from '../../../../activities/credits-rebuild.js';
import { type LedgerForTests, ledgerForTests } from './ledger-fixture.helper.js';

const ADDRESSES = 2500;

let ledger: LedgerForTests;
beforeAll(async () => {
  ledger = await ledgerForTests();
  await ledger.pool.query(
    `insert into credit_history (ledger, credit_ref, credit_index, address, amount, at)
     select 'aleph', 'brought in', i, 'address-' || lpad(i::text, 5, '0'), 10, now() from generate_series(1, $1) i`,
    [ADDRESSES],
  );
});
afterAll(() => ledger.close());

async function countLots(): Promise<number> {
  const { rowCount } = await ledger.pool.query('select from credit_lots');
  return rowCount ?? 0;
}

test('an attempt that ends in the middle is continued by the next one, batch by batch', async () => {
  let details: unknown;
  let beats = 0;
  const activities = createRebuildActivities(ledger.pool, () => ({
    lastHeartbeat: details,
    heartbeat: (position) => {
      // What Temporal keeps is JSON.
      details = JSON.parse(JSON.stringify(position));
      beats += 1;
    },
    throwIfStopping: () => {
      if (beats === 2) throw new Error('the worker stops');
    },
  }));
  const range = { ledger: 'aleph', after: '', through: null, dryRun: false } as const;
  await expect(activities.rebuildAddressRange(range)).rejects.toThrow('the worker stops');
  const made = await countLots();
  expect(made).toBeGreaterThan(0);
  expect(made).toBeLessThan(ADDRESSES);
  // What is done is not looked at again: it would differ now.
  await ledger.pool.query(`delete from credit_lots where address = 'address-00001'`);
  const done = await activities.rebuildAddressRange(range);
  expect(done).toMatchObject({ addresses: ADDRESSES, differed: ADDRESSES, rows: ADDRESSES });
  expect(done.differing).toHaveLength(100);
  expect(await countLots()).toBe(ADDRESSES - 1);
});

test('ranges follow each other without gaps and end with the last address', async () => {
  const first = await planRanges(ledger.pool, 'aleph', '');
  expect(first.map(({ after, through }) => [after, through])).toEqual([
    ['', 'address-01000'],
    ['address-01000', 'address-02000'],
    ['address-02000', 'address-02500'],
  ]);
  expect(await planRanges(ledger.pool, 'aleph', 'address-02500')).toEqual([]);
  expect(await planRanges(ledger.pool, 'actions', '')).toEqual([]);
});
