import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeDataFolder } from '../../services/cli/servers/data-folder.js';
import { startServers, type Servers } from '../../services/cli/servers/start-servers.js';

/** A temporary data folder for servers, deleted by `remove`. PostgreSQL may run as another user: its path is readable by others. */
export async function temporaryDataFolder(
  report: (line: string) => void,
): Promise<{ dataDir: string; remove: () => Promise<void> }> {
  const parent = await mkdtemp(join(tmpdir(), 'quittance-servers-'));
  await chmod(parent, 0o711);
  const dataDir = join(parent, 'data');
  return {
    dataDir,
    remove: async () => {
      await removeDataFolder(dataDir, report);
      await rm(parent, { recursive: true, force: true });
    },
  };
}

/** Starts one server of each kind for a test run, on free ports. `stop` deletes their data. */
export async function startSharedServers(): Promise<{
  servers: Servers;
  stop: () => Promise<void>;
}> {
  const report = (line: string): void => void process.stdout.write(`${line}\n`);
  const { dataDir, remove } = await temporaryDataFolder(report);
  try {
    const servers = await startServers({ dataDir, durable: false, env: process.env, report });
    return {
      servers,
      stop: async () => {
        await servers.stop();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
