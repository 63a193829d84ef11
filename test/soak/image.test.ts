import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPool } from '../../db/pool.js';
import { ensureOperatorToken } from '../../engine/accounts/operator-token.js';
import { newToken } from '../../engine/accounts/tokens.js';
import { newPort } from '../../services/shared/free-port.js';
import { runDemo } from '../../services/cli/demo/index.js';
import { startServers } from '../../services/cli/servers/start-servers.js';
import type { Servers } from '../../services/cli/servers/types.js';
import {
  CODEC_KEYS,
  decodedIn,
  encrypted,
  VALUE,
} from '../integration/services/codec-payloads.helper.js';
import { freePorts } from '../support/free-ports.js';
import { waitUntil } from '../support/wait-until.js';
import { Buildah } from './image/build-image.js';
import { Container, type ContainerOptions } from './image/container.js';
import { whyNotHere } from './image/run-tool.js';

const MB = 1024 * 1024;
const PROCESSES = [
  ...['lightning-simulator', 'store-simulator', 'lightning', 'api'],
  ...['relay', 'worker', 'ground-station'],
] as const;

const reason = await whyNotHere();
const title = reason === undefined ? 'the image' : `the image (not run: ${reason})`;

describe.skipIf(reason !== undefined)(title, () => {
  let folder: string;
  let buildah: Buildah;
  let servers: Servers;
  let env: Record<string, string>;
  let options: ContainerOptions;
  const operatorToken = newToken();
  const containers: Container[] = [];
  const opsPorts = new Map<string, number>();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'quittance-image-'));
    buildah = new Buildah(folder);
    await buildah.build();
    const dataDir = join(folder, 'servers');
    servers = await startServers({ dataDir, durable: false, env: process.env, report });
    env = {
      ...(await freePorts()),
      DATABASE_URL: servers.databaseUrl,
      NATS_URL: servers.natsUrl,
      TEMPORAL_ADDRESS: servers.temporalAddress,
      QUITTANCE_CONFIRM_TIMEOUT_SECONDS: '4',
    };
    options = { folder, root: await buildah.mount(), env };
  });
  afterAll(async () => {
    for (const container of containers) await container.terminate().catch(() => undefined);
    await servers.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test('is below 250 MB as pulled, with Node and without servers', async () => {
    const { size } = await stat(await buildah.compressed());
    report(`compressed: ${Math.round(size / MB)} MB`);
    expect(size).toBeLessThan(250 * MB);
  });

  test('prepares the servers, and again', async () => {
    for (const name of ['prepare', 'prepare-again']) {
      const container = await Container.start(name, ['prepare', '--roles'], options);
      expect(await container.ended(), await container.text()).toBe(0);
      expect(await container.text()).toMatch(/NATS: \d+ streams/);
    }
  });

  test('runs every process: the demo passes', async () => {
    for (const name of PROCESSES) {
      const port = await newPort('127.0.0.1', new Set(opsPorts.values()));
      opsPorts.set(name, port);
      const own = { ...env, QUITTANCE_OPS_PORT: String(port) };
      containers.push(await Container.start(name, [name], { ...options, env: own }));
    }
    for (const [name, port] of opsPorts) {
      await waitUntil(`${name} is ready`, () => isReady(port), 60_000);
    }
    const pool = createPool({
      ...{ connectionString: servers.databaseUrl, max: 1, applicationName: 'quittance-image' },
      onError: () => undefined,
    });
    await ensureOperatorToken(pool, operatorToken).finally(() => pool.end());
    const result = await runDemo({
      apiUrl: env['QUITTANCE_API_URL'] ?? '',
      lightningUrl: env['QUITTANCE_LIGHTNING_URL'] ?? '',
      nodeIs: 'simulated',
      storeUrl: env['QUITTANCE_STORE_SIMULATOR_URL'] ?? '',
      natsUrl: servers.natsUrl,
      stationUrl: `http://127.0.0.1:${opsPorts.get('ground-station') ?? 0}`,
      operatorToken,
      report,
      signal: new AbortController().signal,
    });
    expect(result.failed).toBe(0);
    expect(result.passed).toBeGreaterThan(30);
  });

  test('runs the codec server in production, with the database and the keys of payloads alone', async () => {
    const port = await newPort('127.0.0.1', new Set(opsPorts.values()));
    const opsPort = await newPort('127.0.0.1', new Set([...opsPorts.values(), port]));
    const own = {
      QUITTANCE_ENV: 'production',
      DATABASE_URL: servers.databaseUrl,
      QUITTANCE_TEMPORAL_CODEC_KEYS: CODEC_KEYS,
      QUITTANCE_CODEC_PORT: String(port),
      QUITTANCE_OPS_PORT: String(opsPort),
    };
    containers.push(
      await Container.start('codec-server', ['codec-server'], { ...options, env: own }),
    );
    await waitUntil('the codec server is ready', () => isReady(opsPort), 60_000);
    const body = JSON.stringify(await encrypted());
    const ask = (headers: Record<string, string>): Promise<Response> =>
      fetch(`http://127.0.0.1:${port}/decode`, {
        ...{ method: 'POST', body },
        headers: { 'content-type': 'application/json', ...headers },
      });
    expect((await ask({})).status).toBe(401);
    const answer = await ask({ authorization: `Bearer ${operatorToken}` });
    expect(answer.status).toBe(200);
    expect(decodedIn({ body: await answer.text() })).toEqual(VALUE);
  });

  test('drains at SIGTERM and exits with 0', async () => {
    for (const container of containers.splice(0)) {
      expect([container.name, await container.terminate()]).toEqual([container.name, 0]);
    }
  });
});

async function isReady(port: number): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
  return answer?.status === 200;
}

function report(line: string): void {
  process.stdout.write(`${line}\n`);
}
