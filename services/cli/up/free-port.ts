import { createServer } from 'node:net';

/** The preferred port where it is free, else any: whoever counted up would meet others who do so at the same moment. */
export async function freePort(host: string, preferred: number): Promise<number> {
  const port = (await bindOnce(host, preferred)) ?? (await bindOnce(host, 0));
  if (port === undefined) throw new Error(`no port of ${host} is free`);
  return port;
}

function bindOnce(host: string, port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    );
    probe.listen(port, host, () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
    });
  });
}
