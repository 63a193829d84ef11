import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { OpsAnswer, OpsRoutes } from './ops-routes.js';

export interface OpsServer {
  /** Where it listens, like http://127.0.0.1:41234. */
  readonly url: string;
  close(): Promise<void>;
}

/** Shows /healthz, /readyz and /metrics of a process that has no other HTTP server. */
export async function startOpsServer(
  routes: OpsRoutes,
  address: { readonly host: string; readonly port: number },
): Promise<OpsServer> {
  const server = createServer((request, response) => {
    const path = request.url?.split('?', 1)[0] ?? '/';
    void answer(routes, request.method, path).then(({ status, contentType, body }) => {
      response.writeHead(status, { 'content-type': contentType, 'cache-control': 'no-store' });
      response.end(request.method === 'HEAD' ? undefined : body);
    });
  });
  await listen(server, address);
  return { url: urlOf(server), close: () => close(server) };
}

async function answer(
  routes: OpsRoutes,
  method: string | undefined,
  path: string,
): Promise<OpsAnswer> {
  const route = routes[path];
  if (route === undefined) return plain(404, 'not found: /healthz, /readyz, /metrics\n');
  if (method !== 'GET' && method !== 'HEAD') return plain(405, 'GET only\n');
  return route();
}

function plain(status: number, body: string): OpsAnswer {
  return { status, contentType: 'text/plain; charset=utf-8', body };
}

function listen(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function urlOf(server: Server): string {
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on a port');
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `http://${host}:${address.port}`;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
