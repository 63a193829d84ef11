import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ModelOperation } from '../../support/credits-model-ledger.js';
import {
  applyToLedger,
  type LedgerForTests,
  ledgerForTests,
  unsoundBooks,
} from './ledger-fixture.js';
import { manyAtOnce, SECOND, START } from './many-at-once.js';

const CONNECTIONS = 16;
const OPERATIONS_EACH = Number(process.env['CREDITS_OPERATIONS'] ?? 25);

let ledger: LedgerForTests;
beforeAll(async () => {
  ledger = await ledgerForTests(CONNECTIONS);
});
afterAll(() => ledger.close());

test('16 connections of transfers, expenses, grants and rebuilds: no deadlock, no loss', async () => {
  const size = { connections: CONNECTIONS, operationsEach: OPERATIONS_EACH, seed: 0 };
  expect(await manyAtOnce(ledger, size)).toBeGreaterThan(CONNECTIONS);
}, 300_000);

test('one of many transfers of a whole balance is accepted', async () => {
  await ledger.empty();
  const grant = { kind: 'grant', ref: 'all', at: START } as const;
  const entries = [{ address: 'ann', amount: 100n, expires: null }];
  await applyToLedger(ledger.pool, 'aleph', { ...grant, entries });
  const outcomes = await Promise.all(
    Array.from({ length: CONNECTIONS }, (_, i) =>
      applyToLedger(ledger.pool, 'aleph', {
        ...{ kind: 'transfer', ref: `t${i}`, at: START + SECOND, sender: 'ann' },
        entries: [{ address: `to${i}`, amount: 100n, expires: null }],
      }),
    ),
  );
  expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(1);
  expect(await unsoundBooks(ledger.pool)).toEqual([]);
});

test('the same message sixteen times at once is done once', async () => {
  await ledger.empty();
  const operation: ModelOperation = {
    ...{ kind: 'expense', ref: 'same', at: START, covered: false },
    entries: ['ann', 'ben'].map((address) => ({ address, amount: 10n, expires: null })),
  };
  const outcomes = await Promise.all(
    Array.from({ length: CONNECTIONS }, () => applyToLedger(ledger.pool, 'aleph', operation)),
  );
  expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(1);
  expect(outcomes.filter((outcome) => outcome === 'replayed')).toHaveLength(CONNECTIONS - 1);
});

test('the same transfer of a whole balance sixteen times at once is done once, and refused to nobody', async () => {
  await ledger.empty();
  // Both accounts are there: making one would let the others see what was done.
  const entries = ['ann', 'ben'].map((address) => ({ address, amount: 100n, expires: null }));
  const grant = { kind: 'grant', ref: 'all', at: START, entries } as const;
  await applyToLedger(ledger.pool, 'aleph', grant);
  const outcomes = await Promise.all(
    Array.from({ length: CONNECTIONS }, () =>
      applyToLedger(ledger.pool, 'aleph', {
        ...{ kind: 'transfer', ref: 'same', at: START + SECOND, sender: 'ann' },
        entries: [{ address: 'ben', amount: 100n, expires: null }],
      }),
    ),
  );
  expect(outcomes.toSorted()).toEqual(['done', ...outcomes.slice(1).map(() => 'replayed')]);
});
