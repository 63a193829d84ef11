import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { connect, type NatsConnection } from 'nats';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { migrate } from '../../../../db/migrate.js';
import { newPort } from '../../../../services/cli/free-port.js';
import { SimulatorControl } from '../../../../adapters/lightning/simulator-client/simulator-control.js';
import { SimulatorNode } from '../../../../adapters/lightning/simulator-client/simulator-node.js';
import { SimulatorWallets } from '../../../../adapters/lightning/simulator-client/simulator-wallets.js';
import { waitUntil } from '../../../support/wait-until.js';
import { emptyDatabase } from '../../../support/empty-database.js';
import { SATS } from '../../simulators/lightning/fixture.helper.js';
import { storedFor } from './watching.helper.js';

let database: Awaited<ReturnType<typeof emptyDatabase>>;
let url: string;
let nats: NatsConnection;
let children: ChildProcess[];

beforeEach(async () => {
  children = [];
  database = await emptyDatabase();
  await migrate({ connectionString: database.url });
  url = `http://127.0.0.1:${await newPort('127.0.0.1')}`;
  nats = await connect({ servers: new URL(process.env['NATS_URL'] ?? '').host });
});
afterEach(async () => {
  await Promise.all(children.map((child) => end(child, 'SIGKILL')));
  await nats.close();
  await database.drop();
});

/** The process itself, as it was last built. */
function start(): ChildProcess {
  const main = new URL('../../../../dist/services/lightning/main.js', import.meta.url);
  const child = spawn(process.execPath, [fileURLToPath(main)], {
    env: {
      DATABASE_URL: database.url,
      NATS_URL: process.env['NATS_URL'],
      TEMPORAL_ADDRESS: '127.0.0.1:1',
      QUITTANCE_LIGHTNING_URL: url,
      QUITTANCE_LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  children.push(child);
  return child;
}

async function end(child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve));
  child.kill(signal);
  return exit;
}

test('killed in the middle of payments, the process is replaced by the one that waits', async () => {
  const endpoint = { url, timeoutMs: 2_000 };
  const node = new SimulatorNode(endpoint);
  const wallets = new SimulatorWallets(endpoint);
  const first = start();
  await waitUntil('the node', () => node.info().catch(() => undefined));
  const second = start();
  await wallets.open('alice', SATS(10_000));
  const request = { kind: 'ordinary' as const, amountMsat: SATS(1), expirySeconds: 600, memo: '' };
  const invoices = await Promise.all(Array.from({ length: 30 }, () => node.createInvoice(request)));

  const kill = invoices[10]?.hash;
  for (const { bolt11, hash } of invoices) {
    if (hash === kill) void end(first, 'SIGKILL');
    // Paying again is how a wallet finds out what became of a payment.
    await waitUntil('the payment', () => wallets.pay('alice', bolt11).catch(() => undefined));
  }

  for (const { hash } of invoices) {
    await waitUntil('the message', async () => (await storedFor(nats, hash)).length === 1);
    expect(await node.lookupInvoice(hash)).toMatchObject({ state: 'settled' });
  }
  expect(await wallets.find('alice')).toMatchObject({ balanceMsat: SATS(9_970) });
  expect(await new SimulatorControl(endpoint).recount()).toMatchObject({ conserved: true });
  expect(await end(second, 'SIGTERM')).toBe(0);
});
