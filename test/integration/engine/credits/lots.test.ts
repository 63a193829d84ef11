import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { lockAccounts } from '../../../../engine/credits/accounts.js';
import { applyOperation } from '../../../../engine/credits/apply-operation.js';
import { expireDueLots, readNextExpiry } from '../../../../engine/credits/expire.js';
import { setDrainPolicy } from '../../../../engine/credits/drain-policy.js';
import { readBalance, readBalanceDetails } from '../../../../engine/credits/read-balance.js';
import { refundDebit } from '../../../../engine/credits/refund.js';
import { rebuildAddress } from '../../../../engine/credits/rebuild/rebuild.js';
import { inTransaction } from '../../../../db/transaction.js';
import { usOfIso } from '../../../../domain/credits/time.js';
import type { ModelOperation } from '../../../support/credits-model-ledger.js';
import { ageCredits } from '../../../support/age-credits.js';
import {
  applyToLedger,
  differingAddresses,
  type LedgerForTests,
  ledgerForTests,
  skipPosting,
  findImbalances,
} from './ledger-fixture.helper.js';

const DAY = 86_400_000_000n;
const T = usOfIso('2026-03-01T00:00:00Z') ?? 0n;
const SOON = T + 100n * 365n * DAY;

let ledger: LedgerForTests;
beforeAll(async () => {
  ledger = await ledgerForTests();
});
beforeEach(async () => {
  await ledger.empty();
  await ledger.pool.query(`delete from credit_policies where from_at > '-infinity'`);
  await ledger.pool.query('truncate outbox');
});
afterAll(() => ledger.close());

const grant = (ref: string, at: bigint, amount: bigint, expires: bigint | null): Promise<string> =>
  apply({ kind: 'grant', ref, at, entries: [{ address: 'ann', amount, expires }] });

const spend = (ref: string, at: bigint, amount: bigint): Promise<string> =>
  apply({
    ...{ kind: 'expense', ref, at, covered: true },
    entries: [{ address: 'ann', amount, expires: null }],
  });

function apply(operation: ModelOperation): Promise<string> {
  return applyToLedger(ledger.pool, 'actions', operation);
}

function refund(ref: string, debitRef: string): Promise<{ replayed: boolean }> {
  return inTransaction(ledger.pool, (tx) =>
    refundDebit(tx, { ledger: 'actions', ref, debitRef, graceUs: 30n * DAY }),
  );
}

async function expectConsistent(): Promise<void> {
  expect(await findImbalances(ledger.pool)).toEqual([]);
  expect(await differingAddresses(ledger.pool, 'actions')).toEqual([]);
}

test('a refund goes back into the lots it came from, once', async () => {
  await grant('g1', T, 100n, SOON);
  await grant('g2', T + 1n, 100n, null);
  expect(await spend('e', T + 2n, 150n)).toBe('done');
  expect((await refund('r', 'e')).replayed).toBe(false);
  expect(await readBalanceDetails(ledger.pool, 'actions', 'ann')).toEqual([
    { expiresUs: null, amount: 100n },
    { expiresUs: SOON, amount: 100n },
  ]);
  expect((await refund('r', 'e')).replayed).toBe(true);
  // With another reference it is still the same drain.
  await expect(refund('r2', 'e')).rejects.toThrow('credits.ref_taken');
  expect(await readBalance(ledger.pool, 'actions', 'ann')).toBe(200n);
  await expectConsistent();
});

test('a late entry is refused if a refunded drain would shrink', async () => {
  await grant('g', T + 2n, 100n, SOON);
  await spend('e', T + 4n, 60n);
  await refund('r', 'e');
  // The debit would drain this lot instead, and the refunded lot would hold 160 of 100.
  expect(await grant('before', T + 1n, 100n, SOON)).toBe('credits.would_uncover');
  // The debit would find only 20 in its lot, but 60 were refunded to it.
  await grant('other', T + 3n, 100n, SOON);
  expect(await spend('large', T + 3n, 80n)).toBe('credits.would_uncover');
  expect(await spend('small', T + 3n, 30n)).toBe('done');
  await refund('r2', 'small');
  expect(await readBalance(ledger.pool, 'actions', 'ann')).toBe(200n);
  await expectConsistent();
});

test('a debit dated before a refund does not drain the refunded credits', async () => {
  await grant('g1', T, 100n, null);
  await spend('e1', T + 1n, 100n);
  await refund('r', 'e1');
  for (const at of [T + 1n, T + 2n]) {
    expect(await spend(`e2-${at}`, at, 1n)).toBe('credits.insufficient_balance');
  }
  await grant('g2', T + 3n, 100n, null);
  expect(await spend('e3', T + 4n, 60n)).toBe('done');
  await expectConsistent();
  expect(await readBalanceDetails(ledger.pool, 'actions', 'ann')).toEqual([
    { expiresUs: null, amount: 140n },
  ]);
  const { rows } = await ledger.pool.query(
    `select lot_ref, amount from credit_drains where debit_ref = 'e3'`,
  );
  expect(rows).toEqual([{ lot_ref: 'g2', amount: 60n }]);
});

test('a rebuild restores the time of the newest refund', async () => {
  await grant('g', T, 100n, null);
  await spend('e1', T + 1n, 100n);
  await refund('r', 'e1');
  await ledger.pool.query('update credit_accounts set returned_at = null');
  await rebuildAddress(ledger.pool, 'actions', 'ann', { dryRun: false });
  expect(await spend('e2', T + 2n, 1n)).toBe('credits.insufficient_balance');
  await expectConsistent();
});

test('the next instant is after the newest refund, even when the clock is set back', async () => {
  await grant('g', T, 100n, null);
  await spend('e', T + 1n, 100n);
  await refund('r', 'e');
  await ageCredits(ledger.pool, -1);
  const { accounts, nextUs } = await inTransaction(ledger.pool, (tx) =>
    lockAccounts(tx, 'actions', ['ann']),
  );
  const returnedUs = accounts.get('ann')?.returnedUs ?? 0n;
  expect(nextUs - returnedUs).toBe(1n);
});

test('a refund whose lot has expired is a new lot with a grace', async () => {
  await grant('g', T, 100n, T + DAY);
  await spend('e', T + 1n, 40n);
  expect(await expireDueLots(ledger.pool, { limit: 10, post: skipPosting })).toBe(1);
  await refund('r', 'e');
  const [lot, ...others] = await readBalanceDetails(ledger.pool, 'actions', 'ann');
  expect(lot?.amount).toBe(40n);
  expect(others).toEqual([]);
  const { rows } = await ledger.pool.query<{ left: string }>(
    `select (expires_at - granted_at)::text as left from credit_lots`,
  );
  expect(rows).toEqual([{ left: '30 days' }]);
  await expectConsistent();
});

test('an expiry is processed once, and announced', async () => {
  await grant('g1', T, 100n, T + DAY);
  await grant('g2', T, 50n, SOON);
  expect(await readNextExpiry(ledger.pool)).toBe(T + DAY);
  expect(await expireDueLots(ledger.pool, { limit: 10, post: skipPosting })).toBe(1);
  expect(await expireDueLots(ledger.pool, { limit: 10, post: skipPosting })).toBe(0);
  expect(await readNextExpiry(ledger.pool)).toBe(SOON);
  const { rows } = await ledger.pool.query<{ subject: string; amount: string }>(
    `select subject, payload ->> 'amount' as amount from outbox`,
  );
  expect(rows).toEqual([{ subject: 'credits.actions.expired', amount: '100' }]);
  await expectConsistent();
});

test('a debit dated before a processed expiry drains that lot', async () => {
  await grant('g', T, 100n, T + DAY);
  await expireDueLots(ledger.pool, { limit: 10, post: skipPosting });
  expect(await spend('e', T + 1n, 30n)).toBe('done');
  const { rows } = await ledger.pool.query('select expired from credit_past_lots');
  expect(rows).toEqual([{ expired: 70n }]);
  await expectConsistent();
});

test('the drain order changes from an instant on, and a rebuild applies it', async () => {
  await grant('forever', T, 100n, null);
  await grant('short', T + 1n, 100n, SOON);
  await spend('before', T + 2n, 10n);
  const fromUs = T + 3n;
  await setDrainPolicy(ledger.pool, { ledger: 'actions', fromUs, order: 'expiration' });
  await spend('after', fromUs, 10n);
  const left = async (): Promise<unknown> =>
    (await ledger.pool.query('select credit_ref, remaining from credit_lots order by 1')).rows;
  const expected = [
    { credit_ref: 'forever', remaining: 90n },
    { credit_ref: 'short', remaining: 90n },
  ];
  expect(await left()).toEqual(expected);
  await ledger.pool.query('truncate credit_lots, credit_past_lots, credit_drains');
  const rebuilt = await rebuildAddress(ledger.pool, 'actions', 'ann', { dryRun: false });
  expect(rebuilt.differed).toBe(true);
  expect(await left()).toEqual(expected);
  const past = { ledger: 'actions', fromUs: T + 2n, order: 'emission' } as const;
  await expect(setDrainPolicy(ledger.pool, past)).rejects.toThrow('credits.policy_past');
});

test.each(['emission', 'expiration'] as const)(
  'an operation that grants to and debits one address agrees with a rebuild: %s first',
  async (order) => {
    await setDrainPolicy(ledger.pool, { ledger: 'aleph', fromUs: T, order });
    const operation = (address: string, covered: boolean): Promise<unknown> =>
      inTransaction(ledger.pool, (tx) =>
        applyOperation(tx, {
          ...{ ledger: 'aleph', ref: `both-${address}`, atUs: T + 1n },
          entries: [
            { kind: 'debit', address, amount: 5n, covered, detail: {} },
            { kind: 'grant', address, amount: 10n, expiresUs: SOON, detail: {} },
          ],
        }),
      );
    const entries = [{ address: 'rich', amount: 10n, expires: null }];
    await applyToLedger(ledger.pool, 'aleph', { kind: 'grant', ref: 'g', at: T, entries });
    await operation('rich', true);
    await operation('poor', false);
    expect(await differingAddresses(ledger.pool, 'aleph')).toEqual([]);
    expect(await findImbalances(ledger.pool)).toEqual([]);
    // At one instant grants come before debits.
    expect(await readBalance(ledger.pool, 'aleph', 'poor')).toBe(5n);
  },
);

test('the schema refuses impossible amounts', async () => {
  await grant('g', T, 100n, null);
  const refused = (sql: string): Promise<void> =>
    expect(ledger.pool.query(sql), sql).rejects.toThrow(/violates check constraint/);
  await refused('update credit_lots set remaining = 0');
  await refused('update credit_lots set remaining = 101');
  await refused('update credit_accounts set granted = -1');
  await refused(
    `insert into credit_history (ledger, credit_ref, credit_index, address, amount, at)
     values ('actions', 'x', 0, 'ann', 0, now())`,
  );
});
