import fc from 'fast-check';
import type { Pool } from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { inTransaction } from '../../../../db/transaction.js';
import { lockAccounts } from '../../../../engine/credits/accounts.js';
import { applyOperation } from '../../../../engine/credits/apply-operation.js';
import { grantLots } from '../../../../engine/credits/grant.js';
import { verifyAddress } from '../../../../engine/credits/rebuild/verify.js';
import { ageCredits } from '../../../support/age-credits.js';
import { ActionFixture } from '../actions/fixture.helper.js';
import {
  applyToLedger,
  differingAddresses,
  findImbalances,
  type LedgerForTests,
  ledgerForTests,
} from './ledger-fixture.helper.js';
import { storedEqualsLots } from './stored-and-lots.helper.js';

const RUNS = Number(process.env['CREDITS_RUNS'] ?? 50);
const YEAR = 365n * 86_400_000_000n;

let ledger: LedgerForTests;
beforeAll(async () => {
  ledger = await ledgerForTests();
});
beforeEach(() => ledger.empty());
afterAll(() => ledger.close());

test(
  'grants, payments, refunds and expiries: stored lots = the model = rebuilt',
  () => fc.assert(storedEqualsLots(ledger), { numRuns: RUNS }),
  600_000,
);

function share(pool: Pool, ref: string, amounts: readonly bigint[]): Promise<void> {
  const grant = { accountId: 'ann', expiresUs: null, detail: { paymentMethod: 'action_share' } };
  return inTransaction(pool, async (tx) => {
    await lockAccounts(tx, 'actions', ['ann']);
    const shares = amounts.map((amountMsat) => ({ ...grant, amountMsat }));
    await grantLots(tx, [{ ref, grants: shares }]);
  });
}

async function spend(pool: Pool, ref: string, amount: bigint): Promise<void> {
  await inTransaction(pool, async (tx) => {
    const { nextUs: atUs } = await lockAccounts(tx, 'actions', ['ann']);
    const debit = { kind: 'debit', address: 'ann', amount, covered: true, detail: {} } as const;
    await applyOperation(tx, { ledger: 'actions', ref, atUs, entries: [debit] });
  });
}

async function lots(): Promise<unknown> {
  const { rows } = await ledger.pool.query(
    'select credit_ref as ref, credit_index as index, amount, remaining from credit_lots order by granted_at',
  );
  return rows;
}

async function expectConsistent(): Promise<void> {
  expect(await findImbalances(ledger.pool)).toEqual([]);
  expect(await differingAddresses(ledger.pool, 'actions')).toEqual([]);
}

test('1,000 shares leave one lot and 1,000 rows of history; a debit of all drains one lot', async () => {
  for (let n = 0; n < 100; n += 1) {
    await share(
      ledger.pool,
      `entry-${n}`,
      Array.from({ length: 10 }, (_, i) => BigInt(i + 1)),
    );
  }
  expect(await lots()).toEqual([{ ref: 'entry-0', index: 0, amount: 5500n, remaining: 5500n }]);
  const { rows } = await ledger.pool.query('select count(*) from credit_history');
  expect(rows).toEqual([{ count: 1000n }]);
  await expectConsistent();
  await spend(ledger.pool, 'all', 5500n);
  const drains = await ledger.pool.query('select lot_ref, amount from credit_drains');
  expect(drains.rows).toEqual([{ lot_ref: 'entry-0', amount: 5500n }]);
  await share(ledger.pool, 'next', [7n]);
  expect(await lots()).toEqual([{ ref: 'next', index: 0, amount: 7n, remaining: 7n }]);
  await expectConsistent();
});

test('a lot has the key of the first of the shares that open it', async () => {
  await inTransaction(ledger.pool, async (tx) => {
    await lockAccounts(tx, 'actions', ['ann']);
    const grants = [{ accountId: 'ann', amountMsat: 1n, expiresUs: null, detail: {} }];
    await grantLots(
      tx,
      ['é', 'z', 'B', 'a'].map((ref) => ({ ref, grants })),
    );
  });
  const { rows } = await ledger.pool.query(
    `select credit_ref as ref from credit_history order by at, credit_ref limit 1`,
  );
  expect(await lots()).toMatchObject([{ ...(rows[0] as object), amount: 4n }]);
  await expectConsistent();
});

test('a share that comes late opens the lot instead, and one dated before a debit is not lost', async () => {
  const grant = (ref: string, at: bigint): Promise<string> =>
    applyToLedger(ledger.pool, 'actions', {
      ...{ kind: 'grant', ref, at: YEAR + at },
      entries: [{ address: 'ann', amount: 10n, expires: null }],
    });
  await grant('b', 5n);
  await grant('a', 1n);
  expect(await lots()).toEqual([{ ref: 'a', index: 0, amount: 20n, remaining: 20n }]);
  await expectConsistent();
  // Dated before the share `b`, so it cannot have it.
  const debit = { kind: 'expense', ref: 'd', at: YEAR + 2n, covered: true } as const;
  const all = { ...debit, entries: [{ address: 'ann', amount: 20n, expires: null }] };
  expect(await applyToLedger(ledger.pool, 'actions', all)).toBe('credits.insufficient_balance');
  const half = { ...debit, entries: [{ address: 'ann', amount: 10n, expires: null }] };
  expect(await applyToLedger(ledger.pool, 'actions', half)).toBe('done');
  expect(await lots()).toEqual([{ ref: 'b', index: 0, amount: 10n, remaining: 10n }]);
  await expectConsistent();
});

test('what is dated next is after the newest share, even when the clock is set back', async () => {
  await share(ledger.pool, 'first', [5n]);
  await share(ledger.pool, 'second', [5n]);
  await ageCredits(ledger.pool, -1);
  const { accounts, nextUs } = await inTransaction(ledger.pool, (tx) =>
    lockAccounts(tx, 'actions', ['ann']),
  );
  expect(nextUs - (accounts.get('ann')?.mergedUs ?? 0n)).toBe(1n);
  await spend(ledger.pool, 'all', 10n);
  await share(ledger.pool, 'third', [5n]);
  expect(await lots()).toEqual([{ ref: 'third', index: 0, amount: 5n, remaining: 5n }]);
  await expectConsistent();
});

test('a drain of many lots changes the row of the account a few times, not once for each lot', async () => {
  const fixture = await ActionFixture.create();
  try {
    const { id: address } = await fixture.account('rich');
    const client = await fixture.pool.connect();
    try {
      await client.query('begin');
      const { nextUs } = await lockAccounts(client, 'actions', [address]);
      const expiring = { kind: 'grant', address, amount: 3n, detail: {} } as const;
      const entries = Array.from({ length: 2000 }, (_, n) => ({
        ...expiring,
        expiresUs: nextUs + YEAR + BigInt(n),
      }));
      await applyOperation(client, { ledger: 'actions', ref: 'many', atUs: nextUs, entries });
      const { nextUs: atUs } = await lockAccounts(client, 'actions', [address]);
      const debit = { kind: 'debit', address, amount: 5999n, covered: true, detail: {} } as const;
      await applyOperation(client, { ledger: 'actions', ref: 'all', atUs, entries: [debit] });
      const { rows } = await client.query(
        `select remaining, (select n_tup_upd < 10 from pg_stat_xact_user_tables where relname = 'credit_accounts') as few
         from credit_accounts where address = $1`,
        [address],
      );
      expect(rows).toEqual([{ remaining: 1n, few: true }]);
    } finally {
      await client.query('rollback');
      client.release();
    }
    expect((await verifyAddress(fixture.pool, 'actions', address)).faults).toEqual([]);
  } finally {
    await fixture.close();
  }
});
