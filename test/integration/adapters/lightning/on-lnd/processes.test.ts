import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type NatsConnection } from 'nats';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Lnd, type LndFiles } from '../../../../../services/cli/servers/lightning/lnd.js';
import { newPort } from '../../../../../services/shared/free-port.js';
import { waitUntil } from '../../../../support/wait-until.js';
import {
  type BuiltProcess,
  readiness,
  startBuilt,
} from '../../../services/built-process.helper.js';
import { storedFor } from '../../../services/lightning/watching.helper.js';
import { lightningBinariesOrReason } from '../lnd-world.helper.js';
import { SATS } from '../world.helper.js';
import { Paying } from './paying.helper.js';
import { Stand } from './stand.helper.js';

const binaries = await lightningBinariesOrReason();
if (typeof binaries === 'string') process.stdout.write(`processes on lnd: not run: ${binaries}\n`);

/** A process starts, and takes over, within this on a busy machine. */
const START_MS = 45_000;
/** Trouble has to be told within this. */
const TOLD_MS = 5_000;

describe.skipIf(typeof binaries === 'string')('our processes on lnd', () => {
  let at: Stand;
  let nats: NatsConnection;
  let folder: string;
  const running: BuiltProcess[] = [];

  beforeAll(async () => {
    at = await Stand.start(binaries);
    nats = await connect({ servers: new URL(process.env['NATS_URL'] ?? '').host });
    folder = await mkdtemp(join(tmpdir(), 'quittance-on-lnd-'));
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((one) => one.end('SIGKILL')));
  });
  afterAll(async () => {
    await nats.close();
    await at.close();
    await rm(folder, { recursive: true, force: true });
  });

  type Service = 'services/lightning' | 'services/relay' | 'services/worker';
  function start(
    service: Service,
    files: LndFiles = at.network.alice.files,
    env: Readonly<Record<string, string>> = {},
  ): BuiltProcess {
    const started = startBuilt(service, {
      DATABASE_URL: at.fixture.databaseUrl,
      ...(service === 'services/lightning' ? { TEMPORAL_ADDRESS: '127.0.0.1:1' } : {}),
      QUITTANCE_LIGHTNING_BACKEND: 'lnd',
      QUITTANCE_LND_ADDRESS: files.address,
      QUITTANCE_LND_CERTIFICATE: files.certificate,
      QUITTANCE_LND_MACAROON: files.macaroon,
      QUITTANCE_LOG_LEVEL: 'fatal',
      ...env,
    });
    running.push(started);
    return started;
  }

  const nodeCheck = async (one: BuiltProcess): Promise<string | undefined> =>
    (await readiness(await one.url)).body.checks['node'];

  /** /readyz and the metrics name it in time, and the process goes on. */
  async function expectTrouble(one: BuiltProcess, trouble: string): Promise<void> {
    const url = await one.url;
    const named = async (): Promise<boolean> =>
      (await nodeCheck(one))?.startsWith(`${trouble}:`) ?? false;
    await waitUntil(trouble, named, TOLD_MS);
    expect((await readiness(url)).status).toBe(503);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain(`quittance_lightning_node_trouble{trouble="${trouble}"} 1`);
  }

  test('the watcher is killed while payments move: the next tells each state once', async () => {
    const paying = new Paying(at);
    const first = start('services/lightning');
    await waitUntil('the watcher', async () => (await readiness(await first.url)).status === 200);
    const [before, meanwhile] = [await paying.heldZap(), await paying.heldZap()];
    await at.payer.pay(before.bolt11);
    await waitUntil('held', async () => (await storedFor(nats, before.hash)).length === 1);
    await first.end('SIGKILL');
    await at.payer.pay(meanwhile.bolt11);
    for (const { hash } of [before, meanwhile]) {
      await at.fixture.report({ hash, state: 'held', receivedMsat: SATS(1000) });
      await at.callUntil('settle_invoice', hash);
    }
    start('services/lightning');
    const subjects = async (hash: string): Promise<string[]> =>
      (await storedFor(nats, hash)).map(({ subject }) => subject.split('.').at(-1) ?? '');
    for (const { hash } of [before, meanwhile]) {
      const isTold = async (): Promise<boolean> => (await subjects(hash)).includes('settled');
      await waitUntil('settled', isTold, START_MS);
    }
    expect(await subjects(before.hash)).toEqual(['held', 'settled']);
    expect(await subjects(meanwhile.hash)).toEqual(['settled']);
  });

  test('another node and another network are told, and nothing is asked of them', async () => {
    const other = at.network.bob.files;
    const key = await at.network.alice.publicKey();
    await expectTrouble(
      start('services/lightning', other, { QUITTANCE_LIGHTNING_NODE: key }),
      'wrong_node',
    );
    await expectTrouble(
      start('services/relay', other, { QUITTANCE_LIGHTNING_NODE: key }),
      'wrong_node',
    );
    await expectTrouble(
      start('services/worker', other, { QUITTANCE_LIGHTNING_NETWORK: 'mainnet' }),
      'wrong_network',
    );
  });

  test('a macaroon of another node is told', async () => {
    const { alice, bob } = at.network;
    const mixed = { ...alice.files, macaroon: bob.files.macaroon };
    await expectTrouble(start('services/lightning', mixed), 'permission_denied');
    await expectTrouble(start('services/relay', mixed), 'permission_denied');
  });

  test('a node without its wallet is told as locked', async () => {
    const { alice } = at.network;
    const locked = new Lnd(
      {
        ...{ ...alice.options, name: 'locked', folder: join(folder, 'locked'), locked: true },
        ...{ rpcPort: await newPort('127.0.0.1'), peerPort: await newPort('127.0.0.1') },
      },
      at.network.context,
    );
    await locked.server.start();
    try {
      const files = { ...locked.files, macaroon: alice.files.macaroon };
      await expectTrouble(start('services/worker', files), 'locked');
    } finally {
      await locked.server.stop();
    }
  });

  test('a node that is not there is told, and back when it is', async () => {
    const one = start('services/lightning');
    await waitUntil('the watcher', async () => (await readiness(await one.url)).status === 200);
    await at.network.alice.server.stop();
    await expectTrouble(one, 'unreachable');
    await at.network.alice.server.start();
    await waitUntil('it is back', async () => (await nodeCheck(one)) === 'ok', 30_000);
    await at.network.reconnect();
  });

  test('certificate and macaroon are read again when they change', async () => {
    const { alice, bob } = at.network;
    const files = {
      ...{ address: alice.files.address, certificate: join(folder, 'tls.cert') },
      macaroon: join(folder, 'macaroon'),
    };
    await copyFile(alice.files.certificate, files.certificate);
    await copyFile(alice.files.macaroon, files.macaroon);
    const one = start('services/lightning', files);
    await waitUntil('the watcher', async () => (await nodeCheck(one)) === 'ok');
    await copyFile(bob.files.macaroon, files.macaroon);
    await expectTrouble(one, 'permission_denied');
    await copyFile(alice.files.macaroon, files.macaroon);
    await waitUntil('the macaroon is back', async () => (await nodeCheck(one)) === 'ok', TOLD_MS);

    await alice.server.stop();
    await rm(alice.files.certificate);
    await rm(join(alice.options.folder, 'tls.key'));
    await alice.server.start();
    await at.network.reconnect();
    await expectTrouble(one, 'unreachable');
    await copyFile(alice.files.certificate, files.certificate);
    await waitUntil('the new certificate', async () => (await nodeCheck(one)) === 'ok', 15_000);
  });
});
