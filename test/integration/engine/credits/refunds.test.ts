import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { readBalance } from '../../../../engine/credits/read-balance.js';
import { keptIsRebuilt, refund, T } from './kept-and-rebuilt.helper.js';
import {
  applyToLedger,
  differingAddresses,
  type LedgerForTests,
  ledgerForTests,
} from './ledger-fixture.helper.js';

const RUNS = Number(process.env['CREDITS_RUNS'] ?? 50);

let ledger: LedgerForTests;
beforeAll(async () => {
  ledger = await ledgerForTests();
});
beforeEach(() => ledger.empty());
afterAll(() => ledger.close());

test(
  'kept = rebuilt after each refund, and each late entry, of lots that live, are emptied or have expired',
  () => fc.assert(keptIsRebuilt(ledger), { numRuns: RUNS }),
  600_000,
);

test('a refund in order reads nothing of the history', async () => {
  const entries = [{ address: 'ann', amount: 10n, expires: null }];
  await applyToLedger(ledger.pool, 'actions', { kind: 'grant', ref: 'g', at: T, entries });
  const spend = { kind: 'expense', ref: 'e', at: T + 1n, covered: true, entries } as const;
  expect(await applyToLedger(ledger.pool, 'actions', spend)).toBe('done');
  // As if somebody had forgotten the lot: only a replay would notice.
  await ledger.pool.query(`update credit_past_lots set amount = 11`);
  expect(await refund(ledger.pool, 'r', 'e')).toBe(true);
  expect(await readBalance(ledger.pool, 'actions', 'ann')).toBe(10n);
  expect(await differingAddresses(ledger.pool, 'actions')).toEqual(['ann']);
});
