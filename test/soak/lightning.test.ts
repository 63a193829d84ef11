import { chmod, cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { System } from '../e2e/system.helper.js';
import { brokenRules } from '../support/books.js';
import { waitUntilIdle } from '../support/health.js';
import { waitUntil } from '../support/wait-until.js';
import { lightningBinaries } from '../../services/cli/servers/lightning/binaries.js';
import {
  type LightningNetwork,
  startNetwork,
} from '../../services/cli/servers/lightning/network.js';
import { variablesFor } from '../../services/cli/up/own-lnd.js';
import { SeededRandom } from './chaos/seeded-random.js';
import { Books } from './lightning/books.js';
import { injectNodeFaults } from './lightning/faults.js';
import { forceCloseWhileHeld } from './lightning/force-close.js';
import { Payments } from './lightning/payments.js';

const PAYMENTS = Number(process.env['SOAK_PAYMENTS'] ?? 1_000);
const SEED = Number(process.env['CHAOS_SEED'] ?? 1);
/** Of load and faults; set by `npm run test:soak -- lightning --minutes 5`. The rest is for the start and the recovery. */
const SECONDS = Math.max(60, Math.min(20, Number(process.env['CHAOS_MINUTES'] ?? 20)) * 60 - 180);
const RECOVERY_MS = 150_000;

/** Invoices outlive a pause. */
const ENVIRONMENT = {
  QUITTANCE_INVOICE_EXPIRY_SECONDS: '40',
  QUITTANCE_ORDER_INVOICE_EXPIRY_SECONDS: '40',
  QUITTANCE_UNPAID_LIMIT: '0',
  QUITTANCE_UNPAID_ORIGIN_LIMIT: '0',
  QUITTANCE_UNPAID_ANONYMOUS_LIMIT: '0',
  QUITTANCE_WALLET_PENDING_LIMIT: '0',
};

let folder: string;
let network: LightningNetwork;
let system: System;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quittance-soak-lnd-'));
  await chmod(folder, 0o711);
  const report = (line: string): void => void process.stdout.write(`${line}\n`);
  const { signal } = new AbortController();
  const binaries = await lightningBinaries({ env: process.env, report, signal });
  network = await startNetwork(binaries, { dataDir: folder, env: process.env, report, signal });
  const environment = { ...ENVIRONMENT, ...(await variablesFor(network)) };
  system = await System.start({ doubled: true, environment, withRealNode: true });
});
afterAll(async () => {
  await system.stop();
  await network.stop();
  // What the nodes have logged tells why, where something has failed.
  const keep = process.env['SOAK_KEEP_LOGS'];
  if (keep !== undefined) await cp(join(folder, 'logs'), keep, { recursive: true });
  await rm(folder, { recursive: true, force: true });
});

it(`${PAYMENTS} payments on real nodes that are killed and paused, seed ${SEED}`, async () => {
  const random = new SeededRandom(SEED);
  const payments = await Payments.prepare(system, network, random.fork());
  const books = await Books.open(system, network);
  const until = Date.now() + SECONDS * 1000;
  let isDone = false;
  const [faults] = await Promise.all([
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
    `seed ${SEED}: ${faults.join(', ')}; lost by lnd (#5152): ${lost.length}\n${payments.lines().join('\n')}\n${(await books.lines()).join('\n')}\n`,
  );
  expect(payments.begun).toBe(PAYMENTS);
  expect(await books.differences()).toEqual([]);
  expect(await brokenRules(system.pool)).toEqual([]);
});

it('a channel is closed by force while a payment is held in it: settled, it is ours by the chain', async () => {
  const { state, atPayer, onChain } = await forceCloseWhileHeld(system, network);
  expect({ state, atPayer }).toEqual({ state: 'PAID', atPayer: 'succeeded' });
  expect(onChain).toBe('SETTLED');
});
