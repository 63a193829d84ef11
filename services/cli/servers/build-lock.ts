import { open, rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { processIdentity } from './process-identity.js';
import { runningProcessOf } from './pid-file.js';

/**
 * Runs the work while no other running process does the same. A lock left by a dead process is taken
 * over. Two processes may take it over at once and then both do the work, which must be harmless.
 */
export async function withBuildLock<T>(
  file: string,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  while (!(await take(file))) {
    if ((await runningProcessOf(file)) === undefined) await rm(file, { force: true });
    else await delay(250, undefined, { signal });
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

async function take(file: string): Promise<boolean> {
  const identity = await processIdentity(process.pid);
  const handle = await open(file, 'wx').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return undefined;
    throw error;
  });
  if (handle === undefined) return false;
  await handle.writeFile(JSON.stringify({ pid: process.pid, identity, stopSignal: 'SIGTERM' }));
  await handle.close();
  return true;
}
