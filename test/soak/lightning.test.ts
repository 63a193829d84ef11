import { afterAll, beforeAll, expect, it } from 'vitest';
import type { System } from '../e2e/system.helper.js';
import { brokenRules } from '../support/books.js';
import { waitUntilIdle } from '../support/health.js';
import { waitUntil } from '../support/wait-until.js';
import type { LightningNetwork } from '../../services/cli/servers/lightning/network.js';
import { SeededRandom } from './chaos/seeded-random.js';
import { Books } from './lightning/books.js';
import { injectNodeFaults } from './lightning/faults.js';
import { forceCloseWhileHeld } from './lightning/force-close.js';
import { Payments } from './lightning/payments.js';
import { type OnLnd, startOnLnd } from './lightning/start.js';

const PAYMENTS = Number(process.env['SOAK_PAYMENTS'] ?? 1_000);
const SEED = Number(process.env['CHAOS_SEED'] ?? 1);
/** Of load and faults; set by `npm run test:soak -- lightning --minutes 5`. The rest is for the start and the recovery. */
const SECONDS = Math.max(60, Math.min(20, Number(process.env['CHAOS_MINUTES'] ?? 20)) * 60 - 180);
const RECOVERY_MS = 150_000;

/** Invoices outlive a pause. */
const EXPIRY_SECONDS = 40;

let on: OnLnd;
let network: LightningNetwork;
let system: System;

beforeAll(async () => {
  on = await startOnLnd(EXPIRY_SECONDS, { doubled: true });
  ({ network, system } = on);
});
afterAll(() => on.stop());

it(`${PAYMENTS} payments on real nodes that are killed and paused, seed ${SEED}`, async () => {
  const random = new SeededRandom(SEED);
  const payments = await Payments.prepare(system, network, random.fork());
  const books = await Books.open(system, network);
  const until = Date.now() + SECONDS * 1000;
  let isDone = false;
  const [{ lines: faults, replaced }] = await Promise.all([
    injectNodeFaults(system, network, random.fork(), () => isDone || Date.now() > until),
    payments.run(PAYMENTS, until).finally(() => (isDone = true)),
  ]);
  await network.reconnect();
  await payments.finish(books, RECOVERY_MS);
  const lost = await books.lost();
  // They are asked for again and again, so nothing is idle then.
  if (lost.length === 0) await waitUntilIdle(system, RECOVERY_MS);
  await waitUntil('no HTLC is left', async () => (await books.htlcs()) === 0, 60_000);
  process.stdout.write(
    `seed ${SEED}: ${faults.join(', ')}; channels replaced: ${replaced}; lost by lnd (#5152): ${lost.length}\n${payments.lines().join('\n')}\n${(await books.lines()).join('\n')}\n`,
  );
  expect(payments.begun).toBe(PAYMENTS);
  expect(await books.differences(replaced > 0)).toEqual([]);
  expect(await brokenRules(system.pool)).toEqual([]);
});

it('a channel is closed by force while a payment is held in it: settled, it is ours by the chain', async () => {
  const { state, atPayer, onChain } = await forceCloseWhileHeld(system, network);
  expect({ state, atPayer }).toEqual({ state: 'PAID', atPayer: 'succeeded' });
  expect(onChain).toBe('SETTLED');
});
