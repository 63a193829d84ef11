import { afterAll, beforeAll, expect, it } from 'vitest';
import { createAccount } from '../../../../engine/accounts/accounts.js';
import { inTransaction } from '../../../../db/transaction.js';
import { addSeed } from '../../../../engine/trust/run.js';
import { waitUntil } from '../../../support/wait-until.js';
import { type Database, freshStreams, natsForTest, relayDatabase } from './fixture.helper.js';
import { startRelay } from './relay-process.helper.js';

let database: Database;

beforeAll(async () => {
  database = await relayDatabase();
  const nc = await natsForTest();
  await freshStreams(nc);
  await nc.close();
});
afterAll(() => database.close());

it('a relay computes trust by itself, and stops while it does', async () => {
  const { pool, url } = database;
  const { id } = await inTransaction(pool, (tx) =>
    createAccount(tx, { name: 'seed', role: 'user' }),
  );
  await addSeed(pool, id);
  const relay = await startRelay({ DATABASE_URL: url });
  await waitUntil('trust is computed', async () => {
    const { rowCount } = await pool.query(
      `select from trust_runs where territory = '' and finished_at is not null`,
    );
    return rowCount === 1;
  });
  relay.child.kill('SIGTERM');
  expect(await relay.exit).toBe(0);
});
