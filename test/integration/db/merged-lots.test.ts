import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { ClientBase, Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrate } from '../../../db/migrate.js';
import { packageRoot } from '../../../db/package-root.js';
import { inTransaction } from '../../../db/transaction.js';
import { toMsat } from '../../../domain/money.js';
import { lockAccounts, lockCredits } from '../../../engine/credits/accounts.js';
import { applyOperation } from '../../../engine/credits/apply-operation.js';
import { grantCredits } from '../../../engine/credits/grant.js';
import { refundDebit } from '../../../engine/credits/refund.js';
import { rebuildAddress } from '../../../engine/credits/rebuild/rebuild.js';
import { readUnverified } from '../../../engine/credits/rebuild/generation.js';
import { verifyLedger } from '../../../engine/credits/rebuild/verify.js';
import { postEntry } from '../../../engine/ledger/post-entry.js';
import { creditChecks } from '../../../services/cli/doctor/checks/credits.js';
import { brokenRules } from '../../support/books.js';
import { emptyDatabase, testPool } from '../../support/empty-database.js';
import { differingAddresses, findImbalances } from '../engine/credits/ledger-fixture.helper.js';
import { events, writeUnmerged } from './unmerged-lots.helper.js';

const RUNS = Number(process.env['CREDITS_RUNS'] ?? 3);

let before: string;

/** Up to migration 29, each grant was a lot of its own. */
beforeAll(async () => {
  before = await mkdtemp(join(tmpdir(), 'quittance-migrations-'));
  await cp(join(packageRoot(), 'db', 'migrations'), before, {
    recursive: true,
    filter: (path) => Number(/(\d{4})_[a-z0-9_]+\.sql$/.exec(path)?.[1] ?? 0) <= 29,
  });
});
afterAll(() => rm(before, { recursive: true }));

async function withDatabase(work: (pool: Pool, url: string) => Promise<void>): Promise<void> {
  const database = await emptyDatabase();
  await migrate({ connectionString: database.url, folder: before });
  const pool = testPool(database.url, 4);
  try {
    await work(pool, database.url);
  } finally {
    await pool.end();
    await database.drop();
  }
}

/** What doctor finds in the credits of a database of before; the other check needs a column of today. */
async function brokenBefore(pool: Pool): Promise<readonly string[]> {
  const checks = creditChecks.filter(({ offenders }) => !offenders.includes('merged_at'));
  const found: string[] = [];
  for (const { offenders } of checks) {
    const { rows } = await pool.query<{ id: string }>(offenders);
    found.push(...rows.map(({ id }) => id));
  }
  return found;
}

async function balances(pool: Pool): Promise<unknown> {
  const { rows } = await pool.query(
    `select address, remaining, granted, (select coalesce(sum(remaining), 0) from credit_lots l
       where l.address = a.address and l.expires_at is null) as never
     from credit_accounts a order by address`,
  );
  return rows;
}

async function expectSound(pool: Pool): Promise<void> {
  expect(await differingAddresses(pool, 'actions')).toEqual([]);
  expect(await findImbalances(pool)).toEqual([]);
  expect(await brokenRules(pool)).toEqual([]);
}

test('lots become one per account, as a rebuild makes them, and nobody has more or less', async () => {
  const people = fc.array(fc.tuple(events, fc.boolean()), { minLength: 30, maxLength: 30 });
  const property = fc.asyncProperty(people, (all) =>
    withDatabase(async (pool, url) => {
      for (const [happened, isSwept] of all) await writeUnmerged(pool, happened, isSwept);
      expect(await brokenBefore(pool)).toEqual([]);
      const found = await balances(pool);
      await migrate({ connectionString: url });

      expect(await balances(pool)).toEqual(found);
      const { rows } = await pool.query(
        `select address from credit_lots where expires_at is null group by 1 having count(*) > 1`,
      );
      expect(rows).toEqual([]);
      await expectSound(pool);
      expect(await readUnverified(pool)).toEqual(['actions']);
      await verifyLedger(pool, 'actions', ({ faults }) => {
        expect(faults).toEqual([]);
      });
      expect(await readUnverified(pool)).toEqual([]);
    }),
  );
  await fc.assert(property, { numRuns: RUNS, endOnFailure: true });
}, 300_000);

async function lotsOf(pool: Pool, table: 'credit_lots' | 'credit_past_lots'): Promise<string[]> {
  const left = table === 'credit_lots' ? 'remaining' : 'expired';
  const { rows } = await pool.query<{ line: string }>(
    `select ${left} || ' of ' || amount || case when expires_at is null then '' else ' expiring' end as line
     from ${table} order by granted_at, credit_ref`,
  );
  return rows.map(({ line }) => line);
}

/** Posts what the work moves, in the same transaction. */
async function posting(
  pool: Pool,
  { id, ref, amount }: { readonly id: string; readonly ref: string; readonly amount: bigint },
  work: (tx: ClientBase) => Promise<unknown>,
): Promise<void> {
  await inTransaction(pool, async (tx) => {
    await lockCredits(tx, [id]);
    const line = { asset: 'CREDITS', amountMsat: toMsat(amount) } as const;
    const issued = { ...line, holder: { system: 'issued' }, amountMsat: toMsat(-amount) } as const;
    const sats = { asset: 'SATS', amountMsat: toMsat(amount) } as const;
    await postEntry(tx, ref, [
      ...[issued, { ...line, holder: { accountId: id } }],
      { ...sats, holder: { system: 'backing' } },
      { ...sats, holder: { system: 'promotion' }, amountMsat: toMsat(-amount) },
    ]);
    await work(tx);
  });
}

/** Three shares of 5, 7 of which were drained, 4 that expire, and another share. */
function partlyDrained(pool: Pool): Promise<string> {
  const share = { do: 'grant', amount: 5n, hours: null } as const;
  const debit = { do: 'debit', amount: 7n } as const;
  const expiring = { do: 'grant', amount: 4n, hours: 30n } as const;
  return writeUnmerged(pool, [share, share, share, debit, expiring, share], true);
}

test('an account with partly drained shares goes on', () =>
  withDatabase(async (pool, url) => {
    const id = await partlyDrained(pool);
    const { rows } = await pool.query<{ ref: string }>(
      'select debit_ref as ref from credit_drains',
    );
    expect(await lotsOf(pool, 'credit_lots')).toEqual([
      ...['3 of 5', '5 of 5'],
      ...['4 of 4 expiring', '5 of 5'],
    ]);
    await migrate({ connectionString: url });
    expect(await lotsOf(pool, 'credit_lots')).toEqual(['13 of 15', '4 of 4 expiring']);
    expect(await lotsOf(pool, 'credit_past_lots')).toEqual(['0 of 5']);

    await inTransaction(pool, (tx) =>
      grantCredits(tx, { accountId: id, amountMsat: toMsat(6n), key: 'new' }),
    );
    await posting(pool, { id, ref: 'grant/back', amount: 7n }, (tx) =>
      refundDebit(tx, {
        ...{ ledger: 'actions', ref: 'grant/back', debitRef: rows[0]?.ref ?? '', graceUs: 1n },
      }),
    );
    expect(await lotsOf(pool, 'credit_lots')).toEqual(['26 of 28', '4 of 4 expiring']);
    await posting(pool, { id, ref: 'grant/spent', amount: -28n }, async (tx) => {
      const { nextUs: atUs } = await lockAccounts(tx, 'actions', [id]);
      const entry = { kind: 'debit', address: id, amount: 28n, covered: true, detail: {} } as const;
      await applyOperation(tx, { ledger: 'actions', ref: 'grant/spent', atUs, entries: [entry] });
    });
    expect(await lotsOf(pool, 'credit_lots')).toEqual(['2 of 4 expiring']);
    await expectSound(pool);
  }));

test('a debit dated before merging began drains the lots of then', () =>
  withDatabase(async (pool, url) => {
    const id = await partlyDrained(pool);
    await migrate({ connectionString: url });
    const { rows } = await pool.query<{ us: bigint }>(
      'select to_us(from_at) as us from credit_merging',
    );
    const atUs = (rows[0]?.us ?? 0n) - 1n;
    await posting(pool, { id, ref: 'grant/late', amount: -4n }, (tx) => {
      const entry = { kind: 'debit', address: id, amount: 4n, covered: true, detail: {} } as const;
      return applyOperation(tx, { ledger: 'actions', ref: 'grant/late', atUs, entries: [entry] });
    });
    const drains = await pool.query(
      `select amount from credit_drains where debit_ref = 'grant/late' order by amount`,
    );
    expect(drains.rows).toEqual([{ amount: 1n }, { amount: 3n }]);
    expect(await lotsOf(pool, 'credit_lots')).toEqual(['9 of 10', '4 of 4 expiring']);
    await expectSound(pool);
  }));

test('a rebuild after the migration restores deleted lots', () =>
  withDatabase(async (pool, url) => {
    const id = await partlyDrained(pool);
    await migrate({ connectionString: url });
    await inTransaction(pool, async (tx) => {
      await tx.query('set local session_replication_role = replica');
      await tx.query('delete from credit_lots');
      await tx.query('delete from credit_past_lots');
      await tx.query('delete from credit_drains');
      await tx.query('update credit_accounts set remaining = 0, merged_at = null');
    });
    expect((await rebuildAddress(pool, 'actions', id, { dryRun: false })).differed).toBe(true);
    expect(await lotsOf(pool, 'credit_lots')).toEqual(['13 of 15', '4 of 4 expiring']);
    await expectSound(pool);
  }));

test('a new database merges from the start', () =>
  withDatabase(async (pool, url) => {
    await migrate({ connectionString: url });
    const { rows } = await pool.query(
      `select ledger, extract(epoch from from_at)::integer as from_at from credit_merging`,
    );
    expect(rows).toEqual([{ ledger: 'actions', from_at: 0 }]);
    expect(await readUnverified(pool)).toEqual([]);
  }));
