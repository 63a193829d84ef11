import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandError } from '../run-command.js';
import { runningProcessOf, stopLeftover, writePidFile } from './pid-file.js';
import { placeElsewhere } from './postgres/elsewhere.js';

const OWNER = 'owner.pid';

/** Thrown where another process, which is alive, runs servers in the same folder. */
export class FolderInUse extends CommandError {}

/**
 * Makes the folder ours until `release`, and stops servers in it whose owner died without stopping
 * them. Throws {@link FolderInUse}.
 */
export async function claimDataFolder(
  dataDir: string,
  report: (line: string) => void,
): Promise<{ release: () => Promise<void> }> {
  const run = join(dataDir, 'run');
  await mkdir(run, { recursive: true });
  await mkdir(join(dataDir, 'logs'), { recursive: true });
  const owner = await runningProcessOf(join(run, OWNER));
  if (owner !== undefined) {
    throw new FolderInUse(
      `the servers in ${dataDir} belong to process ${owner.pid}, which runs`,
      'stop it first',
    );
  }
  await writePidFile(join(run, OWNER), process.pid, 'SIGTERM');
  await stopLeftovers(run, report);
  return { release: () => rm(join(run, OWNER), { force: true }) };
}

/** Stops leftovers and removes everything that is kept. Throws {@link FolderInUse}. */
export async function removeDataFolder(
  dataDir: string,
  report: (line: string) => void,
): Promise<void> {
  await claimDataFolder(dataDir, report);
  await rm(placeElsewhere(dataDir), { recursive: true, force: true });
  await rm(dataDir, { recursive: true, force: true });
}

async function stopLeftovers(run: string, report: (line: string) => void): Promise<void> {
  const files = (await readdir(run)).filter((name) => name.endsWith('.pid') && name !== OWNER);
  await Promise.all(
    files.map(async (name) => {
      const pid = await stopLeftover(join(run, name));
      if (pid !== undefined) report(`stopped ${name.replace('.pid', '')} left over (pid ${pid})`);
    }),
  );
}
