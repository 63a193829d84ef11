import { afterAll, beforeAll, expect, test } from 'vitest';
import { inTransaction } from '../../../../db/transaction.js';
import type { LedgerName } from '../../../../domain/credits/lot.js';
import type { ModelEntry, ModelOperation } from '../../../support/credits-model-ledger.js';
import { waitForBlockedConnections } from '../../../support/blocked-connections.js';
import {
  applyToLedger,
  type LedgerForTests,
  ledgerForTests,
  findImbalances,
} from './ledger-fixture.helper.js';
import { runConcurrently, SECOND, START } from './concurrent-operations.helper.js';

const CONNECTIONS = 16;
const OPERATIONS_EACH = Number(process.env['CREDITS_OPERATIONS'] ?? 25);

let ledger: LedgerForTests;
beforeAll(async () => {
  ledger = await ledgerForTests(CONNECTIONS);
});
afterAll(() => ledger.close());

test('16 connections with transfers, expenses, grants and rebuilds: no deadlock, no loss', async () => {
  const size = { connections: CONNECTIONS, operationsEach: OPERATIONS_EACH, seed: 0 };
  expect(await runConcurrently(ledger, size)).toBeGreaterThan(CONNECTIONS);
}, 300_000);

test('of many transfers of a whole balance one is accepted', async () => {
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
  expect(await findImbalances(ledger.pool)).toEqual([]);
});

test('the same message sixteen times at once is applied once', async () => {
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

const WHOLE = { ref: 'same', at: START + SECOND } as const;
const wholeBalance: readonly (readonly [string, LedgerName, ModelOperation])[] = [
  ['transfer', 'aleph', { ...WHOLE, kind: 'transfer', sender: 'ann', entries: [entryOf('ben')] }],
  ['expense', 'actions', { ...WHOLE, kind: 'expense', covered: true, entries: [entryOf('ann')] }],
];

test.each(wholeBalance)(
  'the same %s of a whole balance, whose callers all wait for one lock, is applied once and refused for none',
  async (_, name, operation) => {
    await ledger.empty();
    // Both accounts exist: creating one would let the other callers see the committed operation.
    const grant = { kind: 'grant', ref: 'all', at: START } as const;
    const entries = [entryOf('ann'), entryOf('ben')];
    await applyToLedger(ledger.pool, name, { ...grant, entries });
    const callers = CONNECTIONS - 2;
    const calls = await inTransaction(ledger.pool, async (tx) => {
      await tx.query('select from credit_accounts for update');
      const waiting = Array.from({ length: callers }, () =>
        applyToLedger(ledger.pool, name, operation),
      );
      await waitForBlockedConnections(ledger.pool, callers);
      return waiting;
    });
    const outcomes = await Promise.all(calls);
    expect(outcomes.toSorted()).toEqual(['done', ...outcomes.slice(1).map(() => 'replayed')]);
  },
);

function entryOf(address: string): ModelEntry {
  return { address, amount: 100n, expires: null };
}
