import { join } from 'node:path';
import { once } from 'node:events';
import type { Command } from 'commander';
import { packageRoot } from '../../../db/package-root.js';
import type { Servers } from '../servers/types.js';
import { live } from '../live-progress.js';
import { onStopRequest } from '../stop-request.js';

interface Options {
  readonly data?: string;
  readonly fresh?: boolean;
  readonly memory?: boolean;
}

export function addServers(program: Command): void {
  program
    .command('servers')
    .description('run PostgreSQL, NATS and Temporal only, until Ctrl-C')
    .option('--data <folder>', 'their data folder (default: .quittance/servers)')
    .option('--fresh', 'delete their data first')
    .option('--memory', 'for tests: no fsync, and Temporal in memory')
    .action(runServers);
}

async function runServers({ data, fresh, memory }: Options): Promise<void> {
  const dataDir = data ?? join(packageRoot(), '.quittance', 'servers');
  const stop = new AbortController();
  onStopRequest((reason) => stop.abort(new Error(`stopped by ${reason}`)));
  // Imported here: other commands do not need the clients of three servers.
  const { removeDataFolder } = await import('../servers/data-folder.js');
  const { startServers } = await import('../servers/start-servers.js');
  if (fresh === true) await removeDataFolder(dataDir, say);
  const servers = await startServers({
    dataDir,
    durable: memory !== true,
    env: process.env,
    report: say,
    signal: stop.signal,
  });
  showServers(servers);
  if (!stop.signal.aborted) {
    // A pending promise does not keep Node running.
    const open = setInterval(() => undefined, 60_000);
    await once(stop.signal, 'abort');
    clearInterval(open);
  }
  say('stopping');
  await servers.stop();
  say('stopped');
}

function showServers(servers: Servers): void {
  say(`DATABASE_URL=${servers.databaseUrl}`);
  say(`NATS_URL=${servers.natsUrl}`);
  say(`TEMPORAL_ADDRESS=${servers.temporalAddress}`);
  if (servers.temporalUiUrl !== undefined) say(`Temporal's UI: ${servers.temporalUiUrl}`);
  for (const { name, version, source } of [servers.postgres, servers.nats, servers.temporal]) {
    say(`${name} ${version} (${source})`);
  }
  say('Ctrl-C stops them');
}

function say(line: string): void {
  live.print(line);
}
