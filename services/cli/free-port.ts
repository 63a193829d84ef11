import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below the range from which systems take the ports of outgoing connections (Linux 32768, others 49152). */
const LOWEST = 20_000;
const ABOVE = 32_000;
const TRIES = 200;

/** The preferred port where it is free, else a new one. */
export async function freePort(host: string, preferred: number): Promise<number> {
  return (await isFree(host, preferred)) ? preferred : newPort(host);
}

/**
 * A free port, none of `taken`. Nothing will sit on it when a server that listens there later, or
 * was stopped, comes: one that the system gives away for 0 may by then belong to a connection.
 */
export async function newPort(host: string, taken?: ReadonlySet<number>): Promise<number> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const port = randomInt(LOWEST, ABOVE);
    if (taken?.has(port) !== true && (await isFree(host, port))) return port;
  }
  throw new Error(`no free port of ${host} found between ${LOWEST} and ${ABOVE}`);
}

/** Rejects where nobody could listen: a host that is not ours, a port that is not allowed. */
export function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
    );
    probe.listen(port, host, () => probe.close(() => resolve(true)));
  });
}
