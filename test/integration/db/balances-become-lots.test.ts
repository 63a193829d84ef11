import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readCredits } from '../../../engine/accounts/accounts.js';
import { readBalance } from '../../../engine/credits/read-balance.js';
import { verifyAddress } from '../../../engine/credits/rebuild/verify.js';
import { migrate } from '../../../db/migrate.js';
import { packageRoot } from '../../../db/package-root.js';
import { brokenRules } from '../../support/books.js';
import { emptyDatabase, testPool } from '../../support/empty-database.js';

const ANN = '00000000-0000-4000-8000-00000000000a';
const BEN = '00000000-0000-4000-8000-00000000000b';

let database: Awaited<ReturnType<typeof emptyDatabase>>;
let pool: Pool;
let before: string;

/** Up to migration 21, credits were a number. */
beforeAll(async () => {
  database = await emptyDatabase();
  before = await mkdtemp(join(tmpdir(), 'quittance-migrations-'));
  await cp(join(packageRoot(), 'db', 'migrations'), before, {
    recursive: true,
    filter: (path) => Number(/(\d{4})_[a-z0-9_]+\.sql$/.exec(path)?.[1] ?? 0) <= 21,
  });
  await migrate({ connectionString: database.url, folder: before });
  pool = testPool(database.url, 4);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
  await rm(before, { recursive: true });
});

async function grantOldStyle(owner: string, msat: bigint): Promise<void> {
  await pool.query(
    `with e as (insert into entries (key) values ('grant/' || gen_random_uuid()) returning id),
     moved as (
       update ledger_accounts set balance_msat = balance_msat + $2 where owner = $1 and asset = 'CREDITS'
       returning id, balance_msat)
     insert into postings (entry_id, ledger_account_id, amount_msat, balance_after_msat)
     select e.id, moved.id, $2::bigint, moved.balance_msat from e, moved
     union all
     select e.id, a.id, -$2::bigint, null from e, ledger_accounts a
     where a.system = 'issued' and a.asset = 'CREDITS'`,
    [owner, msat],
  );
}

test('a balance becomes a lot that never expires, exact to the msat', async () => {
  await pool.query(
    `insert into accounts (id, name, role) values ($1, 'ann', 'user'), ($2, 'ben', 'user')`,
    [ANN, BEN],
  );
  await grantOldStyle(ANN, 9_000_000_000_000_000_001n);
  await grantOldStyle(ANN, 6n);
  await migrate({ connectionString: database.url });

  expect(await readCredits(pool, ANN)).toBe(9_000_000_000_000_000_007n);
  expect(await readBalance(pool, 'actions', ANN)).toBe(9_000_000_000_000_000_007n);
  expect(await readCredits(pool, BEN)).toBe(0n);
  const { rows } = await pool.query(
    'select address, credit_ref, remaining, expires_at from credit_lots',
  );
  expect(rows).toEqual([
    {
      ...{ address: ANN, credit_ref: `balance/${ANN}` },
      ...{ remaining: 9_000_000_000_000_000_007n, expires_at: null },
    },
  ]);
  expect((await verifyAddress(pool, 'actions', ANN)).faults).toEqual([]);
  expect(await brokenRules(pool)).toEqual([]);
});

test('writes of the old version are refused', async () => {
  await expect(grantOldStyle(BEN, 1n)).rejects.toThrow(/postings and lots of account .* differ/);
  expect(await readCredits(pool, BEN)).toBe(0n);
});
