import { afterAll, beforeAll, expect, test } from 'vitest';
import { planRanges } from '../../../../engine/credits/rebuild/addresses.js';
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

test('an activity attempt continues after the last batch of the previous one', async () => {
  let details: unknown;
  let beats = 0;
  const activities = createRebuildActivities(ledger.pool, () => ({
    lastHeartbeat: details,
    heartbeat: (position) => {
      // Temporal stores the details as JSON.
      details = JSON.parse(JSON.stringify(position));
      beats += 1;
    },
    throwIfStopping: () => {
      if (beats === 2) throw new Error('the worker stops');
    },
  }));
  const range = { ledger: 'aleph', after: '', through: null, dryRun: false } as const;
  await expect(activities.rebuildAddressRange(range)).rejects.toThrow('the worker stops');
  const created = await countLots();
  expect(created).toBeGreaterThan(0);
  expect(created).toBeLessThan(ADDRESSES);
  // Addresses that are done are not compared again: this one would differ now.
  await ledger.pool.query(`delete from credit_lots where address = 'address-00001'`);
  const done = await activities.rebuildAddressRange(range);
  expect(done).toMatchObject({ addresses: ADDRESSES, differed: ADDRESSES, rows: ADDRESSES });
  expect(done.differing).toHaveLength(100);
  expect(await countLots()).toBe(ADDRESSES - 1);
});

test('ranges have no gaps and end with the last address', async () => {
  const first = await planRanges(ledger.pool, 'aleph', '');
  expect(first.map(({ after, through }) => [after, through])).toEqual([
    ['', 'address-01000'],
    ['address-01000', 'address-02000'],
    ['address-02000', 'address-02500'],
  ]);
  expect(await planRanges(ledger.pool, 'aleph', 'address-02500')).toEqual([]);
  expect(await planRanges(ledger.pool, 'actions', '')).toEqual([]);
});
