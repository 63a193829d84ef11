import { createServer } from 'node:net';

const MAX_TRIES = 100;

/** The first free port at or above the preferred one. */
export async function freePort(host: string, preferred: number): Promise<number> {
  for (let port = preferred; port < preferred + MAX_TRIES && port <= 65535; port += 1) {
    if (await isFree(host, port)) return port;
  }
  throw new Error(`no free port on ${host} from ${preferred} on`);
}

function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
    );
    probe.listen(port, host, () => probe.close(() => resolve(true)));
  });
}
