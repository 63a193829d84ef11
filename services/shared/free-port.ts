import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below the ports that systems use for outgoing connections (Linux: from 32768, others: from 49152). */
const LOWEST = 20_000;
const ABOVE = 32_000;
const TRIES = 200;

/** The preferred port if it is free, else a new one. */
export async function freePort(host: string, preferred: number): Promise<number> {
  return (await isFree(host, preferred)) ? preferred : newPort(host);
}

/**
 * A free port, none of `taken`. It is not one that the system assigns for port 0: such a port may be
 * used by an outgoing connection when a server wants to listen there later, or again.
 */
export async function newPort(host: string, taken?: ReadonlySet<number>): Promise<number> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const port = randomInt(LOWEST, ABOVE);
    if (taken?.has(port) !== true && (await isFree(host, port))) return port;
  }
  throw new Error(
    `no free port of ${host} found between ${LOWEST} and ${ABOVE}: stop programs that listen there`,
  );
}

/** Rejects when no program could listen there: the host is not of this machine, the port not allowed. */
export function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
    );
    probe.listen(port, host, () => probe.close(() => resolve(true)));
  });
}
