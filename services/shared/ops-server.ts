import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isLoopback } from './config/safe.js';
import type { OpsAnswer, OpsRoutes } from './ops-routes.js';
import { bearerToken } from './bearer.js';
import type { MayScrape } from './scraper.js';

export interface OpsServer {
  /** Where it listens, like http://127.0.0.1:41234. */
  readonly url: string;
  close(): Promise<void>;
}

const METRICS = '/metrics';
/** Those who watch a process are few. */
const MAX_CONNECTIONS = 200;

/**
 * Shows /healthz, /readyz and /metrics of a process. Whoever asks for /metrics from another machine needs a token of the scope
 * `metrics`; a process that cannot check tokens shows them to nobody there.
 */
export async function startOpsServer(
  routes: OpsRoutes,
  address: { readonly host: string; readonly port: number },
  mayScrape: MayScrape = () => Promise.resolve(false),
): Promise<OpsServer> {
  const server = createServer((request, response) => {
    void answer(routes, request, mayScrape).then(({ status, contentType, body }) => {
      response.writeHead(status, {
        'content-type': contentType,
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        ...(status === 401 ? { 'www-authenticate': 'Bearer realm="quittance"' } : {}),
      });
      response.end(request.method === 'HEAD' ? undefined : body);
    });
  });
  server.maxConnections = MAX_CONNECTIONS;
  await listen(server, address);
  return { url: urlOf(server), close: () => close(server) };
}

async function answer(
  routes: OpsRoutes,
  request: IncomingMessage,
  mayScrape: MayScrape,
): Promise<OpsAnswer> {
  const path = request.url?.split('?', 1)[0] ?? '/';
  const route = routes[path];
  if (route === undefined) return plain(404, 'not found: /healthz, /readyz, /metrics\n');
  const { method } = request;
  if (method !== 'GET' && method !== 'HEAD') return plain(405, 'GET only\n');
  if (path === METRICS) {
    const { remoteAddress = '' } = request.socket;
    const refused = await refuseScrape(remoteAddress, request.headers.authorization, mayScrape);
    if (refused !== undefined) return refused;
  }
  return route();
}

/** Undefined where the metrics may be shown. */
export async function refuseScrape(
  remoteAddress: string,
  authorization: string | undefined,
  mayScrape: MayScrape,
): Promise<OpsAnswer | undefined> {
  if (isLoopback(remoteAddress)) return undefined;
  const token = bearerToken(authorization);
  if (token === undefined) return plain(401, 'a token of the scope metrics is needed\n');
  try {
    if (await mayScrape(token)) return undefined;
  } catch {
    return plain(503, 'tokens cannot be checked now\n');
  }
  return plain(401, 'this is no token of the scope metrics\n');
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
