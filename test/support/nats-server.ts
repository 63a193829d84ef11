import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../db/package-root.js';
import { findNatsServer } from '../../services/cli/servers/nats/start.js';
import { SOURCES } from '../../services/cli/servers/types.js';
import { newPort } from '../../services/shared/free-port.js';
import { waitUntil } from './wait-until.js';

export interface OwnNats {
  readonly port: number;
  stop(): Promise<void>;
}

/** A nats-server with JetStream and a configuration of the test; users.conf of deploy/nats is beside it, for `include`. */
export async function startOwnNats(
  config: string,
  env: Readonly<Record<string, string>> = {},
): Promise<OwnNats> {
  const folder = await mkdtemp(join(tmpdir(), 'quittance-nats-'));
  const ports = { postgres: 0, nats: 0, temporal: 0, temporalUi: 0 };
  const { path } = await findNatsServer({
    ...{ dataDir: folder, durable: false, env: process.env, ports, allowed: SOURCES },
    report: () => undefined,
    signal: new AbortController().signal,
  });
  const port = await newPort('127.0.0.1');
  await cp(join(packageRoot(), 'deploy', 'nats', 'users.conf'), join(folder, 'users.conf'));
  const file = join(folder, 'server.conf');
  const store = join(folder, 'store');
  await writeFile(
    file,
    `listen: 127.0.0.1:${port}\njetstream { store_dir: ${JSON.stringify(store)} }\n${config}\n`,
  );
  const server = spawn(path, ['-c', file], { env: { ...process.env, ...env }, stdio: 'ignore' });
  const exit = once(server, 'exit');
  await waitUntil('nats-server listens', () => listens(port));
  return {
    port,
    stop: async () => {
      server.kill('SIGTERM');
      await exit;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
