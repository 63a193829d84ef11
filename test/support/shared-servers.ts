import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeDataFolder } from '../../services/cli/servers/data-folder.js';
import { startServers, type Servers } from '../../services/cli/servers/start-servers.js';

/** A data folder for servers that ends with `remove`; its path lets PostgreSQL's user pass. */
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

/** One of each for a whole run of tests, on free ports, forgetting everything at the end. */
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
