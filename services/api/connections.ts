import type { Server } from 'node:http';
import { type PlaceLimits, Places } from './places.js';

const RETRY_SECONDS = 30;
/** Before any request: it is not known what will be asked for. */
const REFUSAL = [
  'HTTP/1.1 429 Too Many Requests',
  `Retry-After: ${RETRY_SECONDS}`,
  'Content-Length: 0',
  'Connection: close',
  '\r\n',
].join('\r\n');

/**
 * Bounds the connections to a server: one network must not take those of all others. Proxies that we trust hold those of their clients,
 * and count in sum only.
 */
export function boundConnections(
  server: Server,
  limits: PlaceLimits = { perNetwork: 0, all: 0 },
  isProxy: (address: string) => boolean,
): void {
  if (limits.all > 0) server.maxConnections = limits.all;
  const places = new Places({ perNetwork: limits.perNetwork, all: 0 });
  server.on('connection', (socket) => {
    const { remoteAddress = '' } = socket;
    if (isProxy(remoteAddress)) return;
    const leave = places.enter(remoteAddress);
    if (leave !== undefined) socket.once('close', leave);
    else socket.end(REFUSAL, () => socket.destroy());
  });
}
