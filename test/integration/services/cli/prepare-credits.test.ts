import { join } from 'node:path';
import type { Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../../../../db/package-root.js';
import { inTransaction } from '../../../../db/transaction.js';
import { PROJECTION_RULES } from '../../../../domain/credits/replay.js';
import { readBalance } from '../../../../engine/credits/read-balance.js';
import { checkVerified, readUnverified } from '../../../../engine/credits/rebuild/generation.js';
import { rebuildLedger } from '../../../../engine/credits/rebuild/rebuild.js';
import { runProgram } from '../../../../services/cli/servers/run-program.js';
import { migratedDatabase, type OwnDatabase, testPool } from '../../../support/empty-database.js';
import { applyToLedger } from '../../engine/credits/ledger-fixture.helper.js';

const START = 1_767_225_600_000_000n;
const ADDRESSES = Array.from({ length: 40 }, (_, n) => `address-${n}`);
/** Those whose lots are others under the new rules. */
const DIFFERENT = ADDRESSES.slice(0, 25);
const GRANTED = 100n;
const NOTHING = '127.0.0.1:1';

let database: OwnDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await migratedDatabase();
  pool = testPool(database.url, 4);
  for (const address of ADDRESSES) await grant(`first ${address}`, address, GRANTED);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

async function grant(ref: string, address: string, amount: bigint): Promise<void> {
  const entries = [{ address, amount, expires: null }];
  expect(await applyToLedger(pool, 'aleph', { kind: 'grant', ref, at: START, entries })).toBe(
    'done',
  );
}

/** As if the release before had written and verified the lots, under rules of its own. */
async function asOfRulesBefore(): Promise<void> {
  await inTransaction(pool, async (tx) => {
    await tx.query(`select set_config('quittance.credits', 'engine', true)`);
    await tx.query(
      `update credit_lots set remaining = remaining - 1 where ledger = 'aleph' and address = any ($1)`,
      [DIFFERENT],
    );
    await tx.query('update credit_projections set verified_rules = $1', [PROJECTION_RULES - 1]);
  });
}

/** What the chart's job runs before the processes of a release start. Temporal and NATS do not answer. */
function prepare(): Promise<string> {
  const script = join(packageRoot(), 'dist', 'services', 'cli', 'main.js');
  const env = {
    ...{ ...process.env, DATABASE_URL: database.url },
    ...{ TEMPORAL_ADDRESS: NOTHING, NATS_URL: `nats://${NOTHING}` },
  };
  const args = [script, 'prepare', '--without-temporal', '--without-nats'];
  return runProgram(process.execPath, args, { env, cwd: packageRoot() });
}

test('credits are rebuilt under raised rules, without Temporal, while the release before serves', async () => {
  await asOfRulesBefore();
  await expect(checkVerified(pool)).rejects.toThrow('are not verified');
  // The release before goes on granting and spending.
  const added = new Map<string, bigint>();
  const preparing: { over: boolean } = { over: false };
  const serving = (async () => {
    for (let n = 0; !preparing.over || n < ADDRESSES.length; n += 1) {
      const address = ADDRESSES[n % ADDRESSES.length] ?? '';
      await grant(`served ${n}`, address, 1n);
      added.set(address, (added.get(address) ?? 0n) + 1n);
    }
  })();
  const said = await prepare();
  preparing.over = true;
  await serving;
  expect(said).toContain(`credits: ${ADDRESSES.length} addresses of ledger aleph verified`);
  await expect(checkVerified(pool)).resolves.toBeUndefined();
  for (const address of ADDRESSES) {
    const expected = GRANTED + (added.get(address) ?? 0n);
    expect([address, await readBalance(pool, 'aleph', address)]).toEqual([address, expected]);
  }
  // A second time there is nothing to do, and nothing differs.
  expect(await prepare()).not.toContain('verified,');
  expect(await rebuildLedger(pool, 'aleph')).toEqual({ addresses: ADDRESSES.length, differed: 0 });
});

test('the release before stays ready once the next one has verified under its rules', async () => {
  await pool.query('update credit_projections set verified_rules = $1', [PROJECTION_RULES + 1]);
  await expect(checkVerified(pool)).resolves.toBeUndefined();
  expect(await readUnverified(pool)).toEqual([]);
});
