import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { readBalance } from '../../../../engine/credits/read-balance.js';
import { storedEqualsRebuilt, refund, T } from './stored-and-rebuilt.helper.js';
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
  'stored rows equal a rebuild after each refund and late entry, with live, emptied and expired lots',
  () => fc.assert(storedEqualsRebuilt(ledger), { numRuns: RUNS }),
  600_000,
);

test('a refund that is not late does not replay the history', async () => {
  const entries = [{ address: 'ann', amount: 10n, expires: null }];
  await applyToLedger(ledger.pool, 'actions', { kind: 'grant', ref: 'g', at: T, entries });
  const spend = { kind: 'expense', ref: 'e', at: T + 1n, covered: true, entries } as const;
  expect(await applyToLedger(ledger.pool, 'actions', spend)).toBe('done');
  // A corruption that only a replay would notice and repair.
  await ledger.pool.query(`update credit_past_lots set amount = 11`);
  expect(await refund(ledger.pool, 'r', 'e')).toBe(true);
  expect(await readBalance(ledger.pool, 'actions', 'ann')).toBe(10n);
  expect(await differingAddresses(ledger.pool, 'actions')).toEqual(['ann']);
});
