import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandError } from '../run-command.js';
import { runningProcessOf, stopLeftOver, writePidFile } from './pid-file.js';
import { fallbackFolder } from './postgres/fallback-folder.js';

const LOCK = 'owner.pid';

/** Another running process has its servers in the same folder. */
export class FolderInUse extends CommandError {}

/**
 * Locks the folder until `release`, and stops servers in it whose process died without stopping them.
 * Throws {@link FolderInUse}.
 */
export async function lockDataFolder(
  dataDir: string,
  report: (line: string) => void,
): Promise<{ release: () => Promise<void> }> {
  const run = join(dataDir, 'run');
  await mkdir(run, { recursive: true });
  await mkdir(join(dataDir, 'logs'), { recursive: true });
  const holder = await runningProcessOf(join(run, LOCK));
  if (holder !== undefined) {
    throw new FolderInUse(
      `the servers in ${dataDir} belong to process ${holder.pid}, which is running`,
      'stop that process first',
    );
  }
  await writePidFile(join(run, LOCK), process.pid, 'SIGTERM');
  await stopLeftOverServers(run, report);
  return { release: () => rm(join(run, LOCK), { force: true }) };
}

/** Stops servers left over and removes all data. Throws {@link FolderInUse}. */
export async function removeDataFolder(
  dataDir: string,
  report: (line: string) => void,
): Promise<void> {
  await lockDataFolder(dataDir, report);
  await rm(fallbackFolder(dataDir), { recursive: true, force: true });
  await rm(dataDir, { recursive: true, force: true });
}

async function stopLeftOverServers(run: string, report: (line: string) => void): Promise<void> {
  const files = (await readdir(run)).filter((name) => name.endsWith('.pid') && name !== LOCK);
  await Promise.all(
    files.map(async (name) => {
      const pid = await stopLeftOver(join(run, name));
      if (pid !== undefined)
        report(`stopped ${name.replace('.pid', '')}, left over from an earlier start (pid ${pid})`);
    }),
  );
}
