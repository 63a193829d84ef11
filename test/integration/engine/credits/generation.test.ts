import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { readBalance } from '../../../../engine/credits/read-balance.js';
import { rebuildLedger } from '../../../../engine/credits/rebuild/rebuild.js';
import {
  beginReplay,
  checkVerified,
  markVerified,
  readUnverified,
} from '../../../../engine/credits/rebuild/generation.js';
import { ActionFixture } from '../actions/fixture.helper.js';
import { applyToLedger, type LedgerForTests, ledgerForTests } from './ledger-fixture.helper.js';

const START = 1_767_225_600_000_000n;

let ledger: LedgerForTests;
beforeAll(async () => {
  ledger = await ledgerForTests();
});
beforeEach(() => ledger.empty());
afterAll(() => ledger.close());

const grant = (ref: string, address: string): Promise<string> =>
  applyToLedger(ledger.pool, 'aleph', {
    ...{ kind: 'grant', ref, at: START },
    entries: [{ address, amount: 100n, expires: null }],
  });

/** Like a restored dump of the history only. */
const IMPORT = `
  insert into credit_history (ledger, credit_ref, credit_index, address, amount, at)
  select 'aleph', 'imported', i, 'address-' || i, 7, now() from generate_series(1, 50) i`;

test("the engine's own writes leave a ledger verified", async () => {
  expect(await grant('g', 'zoe')).toBe('done');
  const spend = { kind: 'expense', ref: 'e', at: START + 1n, covered: false } as const;
  const entries = [{ address: 'zoe', amount: 100n, expires: null }];
  expect(await applyToLedger(ledger.pool, 'aleph', { ...spend, entries })).toBe('done');
  await expect(checkVerified(ledger.pool)).resolves.toBeUndefined();
});

test('grants to accounts and payments of actions leave it verified, too', async () => {
  const actions = await ActionFixture.create();
  try {
    const { view } = await actions.open(await actions.account('payer', 10_000n));
    expect(view.state).toBe('PAID');
    await expect(checkVerified(actions.pool)).resolves.toBeUndefined();
  } finally {
    await actions.close();
  }
});

test('a replay begins while a vacuum holds the history, however long', async () => {
  const vacuum = await ledger.pool.connect();
  try {
    await vacuum.query('begin; lock table credit_history in share update exclusive mode');
    await expect(beginReplay(ledger.pool, 'aleph')).resolves.toBeTypeOf('bigint');
  } finally {
    await vacuum.query('rollback');
    vacuum.release();
  }
});

test('an imported history has to be verified, and only its ledger', async () => {
  // The last address, and its lots exist.
  await grant('g', 'zoe');
  await ledger.pool.query(IMPORT);
  await expect(checkVerified(ledger.pool)).rejects.toThrow('quittance credits rebuild');
  expect(await readUnverified(ledger.pool)).toEqual(['aleph']);
  expect(await readBalance(ledger.pool, 'aleph', 'address-9')).toBe(0n);
  expect(await rebuildLedger(ledger.pool, 'aleph')).toEqual({ addresses: 51, differed: 50 });
  await expect(checkVerified(ledger.pool)).resolves.toBeUndefined();
  expect(await readBalance(ledger.pool, 'aleph', 'address-9')).toBe(7n);
});

test('an import during a verification is not marked as verified', async () => {
  const generation = await beginReplay(ledger.pool, 'aleph');
  const importer = await ledger.pool.connect();
  try {
    await importer.query('begin');
    await importer.query(IMPORT);
    const marked = markVerified(ledger.pool, 'aleph', generation);
    await importer.query('commit');
    expect(await marked).toBe(false);
  } finally {
    importer.release();
  }
  await expect(checkVerified(ledger.pool)).rejects.toThrow('aleph');
});

test.each([
  'truncate credit_lots',
  'delete from credit_lots',
  'update credit_lots set remaining = 1',
  'delete from credit_accounts',
  'update credit_projections set verified_rules = 0',
])('after "%s" the ledger has to be verified again', async (sql) => {
  await grant('g', 'zoe');
  await ledger.pool.query(sql);
  await expect(checkVerified(ledger.pool)).rejects.toThrow('quittance credits rebuild');
  for (const name of await readUnverified(ledger.pool)) await rebuildLedger(ledger.pool, name);
  await expect(checkVerified(ledger.pool)).resolves.toBeUndefined();
  expect(await readBalance(ledger.pool, 'aleph', 'zoe')).toBe(100n);
});
