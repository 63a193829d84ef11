import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, constants, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newPort } from '../../services/shared/free-port.js';

const HOST = '127.0.0.1';

/** A server behind the proxy. */
export interface Backend {
  readonly port: number;
  /** Whether callers are to be sent to it. */
  isPrimary(): Promise<boolean>;
}

export interface Haproxy {
  readonly port: number;
  /** While false, nobody is sent anywhere. */
  letIn(open: boolean): void;
  stop(): Promise<void>;
}

/** Where haproxy is; undefined on a machine without it. */
export async function findHaproxy(): Promise<string | undefined> {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/usr/local/sbin'];
  for (const folder of folders.filter((folder) => folder !== '')) {
    const path = join(folder, 'haproxy');
    if (await isExecutable(path)) return path;
  }
  return undefined;
}

/**
 * haproxy before several PostgreSQLs, which sends callers to the one that takes writes: it asks each over HTTP twice a second, as it
 * asks Patroni, and ends the sessions of one that does not answer.
 */
export async function startHaproxy(
  program: string,
  backends: readonly Backend[],
): Promise<Haproxy> {
  const folder = await mkdtemp(join(tmpdir(), 'quittance-haproxy-'));
  const port = await newPort(HOST);
  let open = true;
  const servers = await Promise.all(
    backends.map(async (backend, n) => {
      const checkPort = await newPort(HOST, new Set([port]));
      const health = await serveRole(checkPort, async () => open && (await backend.isPrimary()));
      const line = `  server postgres${n} ${HOST}:${backend.port} check port ${checkPort} inter 500 fall 2 rise 1 on-marked-down shutdown-sessions`;
      return { health, line };
    }),
  );
  const file = join(folder, 'haproxy.cfg');
  await writeFile(
    file,
    configOf(
      port,
      servers.map(({ line }) => line),
    ),
  );
  const proxy: ChildProcess = spawn(program, ['-db', '-f', file], { stdio: 'ignore' });
  const exit = once(proxy, 'exit');
  return {
    port,
    letIn: (now) => (open = now),
    stop: async () => {
      proxy.kill('SIGKILL');
      await exit;
      for (const { health } of servers) {
        health.closeAllConnections();
        health.close();
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const configOf = (port: number, servers: readonly string[]): string => `
global
  maxconn 1000
defaults
  mode tcp
  timeout connect 2s
  timeout client 1h
  timeout server 1h
  timeout check 1500
listen postgres
  bind ${HOST}:${port}
  option httpchk GET /primary
${servers.join('\n')}
`;

async function serveRole(port: number, isPrimary: () => Promise<boolean>): Promise<Server> {
  const server = createServer((_, response) => {
    isPrimary()
      .catch(() => false)
      .then((primary) => response.writeHead(primary ? 200 : 503).end())
      .catch(() => response.destroy());
  });
  server.listen(port, HOST);
  await once(server, 'listening');
  return server;
}

function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
