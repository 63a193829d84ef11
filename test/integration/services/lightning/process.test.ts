import { connect, type NatsConnection } from 'nats';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { newPort } from '../../../../services/shared/free-port.js';
import { SimulatorControl } from '../../../../adapters/lightning/simulator-client/simulator-control.js';
import { SimulatorNode } from '../../../../adapters/lightning/simulator-client/simulator-node.js';
import { SimulatorWallets } from '../../../../adapters/lightning/simulator-client/simulator-wallets.js';
import { waitUntil } from '../../../support/wait-until.js';
import { migratedDatabase, type OwnDatabase } from '../../../support/empty-database.js';
import { SATS } from '../../simulators/lightning/fixture.helper.js';
import { type BuiltProcess, readiness, startBuilt } from '../built-process.helper.js';
import { storedFor } from './watching.helper.js';

let database: OwnDatabase;
let url: string;
let nats: NatsConnection;
let processes: BuiltProcess[];

beforeEach(async () => {
  processes = [];
  database = await migratedDatabase();
  url = `http://127.0.0.1:${await newPort('127.0.0.1')}`;
  nats = await connect({ servers: new URL(process.env['NATS_URL'] ?? '').host });
});
afterEach(async () => {
  await Promise.all(processes.map((process) => process.end('SIGKILL')));
  await nats.close();
  await database.drop();
});

function start(folder: 'services/lightning' | 'simulators/lightning'): BuiltProcess {
  const started = startBuilt(folder, {
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: '127.0.0.1:1',
    QUITTANCE_LIGHTNING_URL: url,
  });
  processes.push(started);
  return started;
}

const statusOf = async (process: BuiltProcess): Promise<number> =>
  (await readiness(await process.url)).status;

test('killed in the middle of payments, node and watcher are replaced by those that wait', async () => {
  const endpoint = { url, timeoutMs: 2_000 };
  const node = new SimulatorNode(endpoint);
  const wallets = new SimulatorWallets(endpoint);
  const firstNode = start('simulators/lightning');
  await waitUntil('the node', () => node.info().catch(() => undefined));
  const firstWatcher = start('services/lightning');
  await waitUntil('the watcher', async () => (await statusOf(firstWatcher)) === 200);
  const seconds = [start('simulators/lightning'), start('services/lightning')];
  await wallets.open('alice', SATS(10_000));
  const request = { kind: 'ordinary' as const, amountMsat: SATS(1), expirySeconds: 600, memo: '' };
  const invoices = await Promise.all(Array.from({ length: 30 }, () => node.createInvoice(request)));

  const [killNode, killWatcher] = [invoices[10]?.hash, invoices[20]?.hash];
  for (const { bolt11, hash } of invoices) {
    if (hash === killNode) void firstNode.end('SIGKILL');
    if (hash === killWatcher) void firstWatcher.end('SIGKILL');
    // Paying again is how a wallet finds out what became of a payment.
    await waitUntil('the payment', () => wallets.pay('alice', bolt11).catch(() => undefined));
  }

  for (const { hash } of invoices) {
    await waitUntil('the message', async () => (await storedFor(nats, hash)).length === 1);
    expect(await node.lookupInvoice(hash)).toMatchObject({ state: 'settled' });
  }
  expect(await wallets.find('alice')).toMatchObject({ balanceMsat: SATS(9_970) });
  expect(await new SimulatorControl(endpoint).recount()).toMatchObject({ conserved: true });
  for (const second of seconds) expect(await second.end('SIGTERM')).toBe(0);
});

test('a simulator is ready when it has the address, and shows its metrics before', async () => {
  const first = start('simulators/lightning');
  await waitUntil('the first', async () => (await statusOf(first)) === 200);
  const second = start('simulators/lightning');
  const secondUrl = await second.url;
  expect((await fetch(`${secondUrl}/healthz`)).status).toBe(200);
  expect(await (await fetch(`${secondUrl}/metrics`)).text()).toContain('process_cpu_seconds_total');
  expect(await readiness(secondUrl)).toMatchObject({ status: 503, body: { phase: 'starting' } });
  expect(await first.end('SIGTERM')).toBe(0);
  await waitUntil('the second', async () => (await statusOf(second)) === 200);
  expect((await readiness(secondUrl)).body.checks).toEqual({ schema: 'ok', postgres: 'ok' });
});

test('a simulator that waits for the address stops when it is told to', async () => {
  const first = start('simulators/lightning');
  await waitUntil('the first', async () => (await statusOf(first)) === 200);
  const second = start('simulators/lightning');
  await second.url;
  expect(await second.end('SIGTERM')).toBe(0);
});
