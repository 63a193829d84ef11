import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { packageRoot } from '../../../db/package-root.js';
import { loadConfigPart, redactUrl, type Environment } from '../../shared/config.js';
import type { Demo, DemoResult } from '../demo/contract.js';
import { CommandError } from '../run-command.js';
import { FolderInUse, removeDataFolder } from '../servers/data-folder.js';
import type { Servers, StartOptions } from '../servers/types.js';
import { processEnvironment, type ProcessEnvironment } from './environment.js';
import { prepareServers } from './prepare.js';
import {
  type ProcessName,
  killProcesses,
  prepareProcesses,
  processTable,
  startProcesses,
  stopProcesses,
} from './processes.js';
import type { Teardown } from './teardown.js';

export interface UpOptions {
  readonly env: Environment;
  /** Delete the data first. */
  readonly fresh: boolean;
  readonly startServers: (options: StartOptions) => Promise<Servers>;
  readonly demo: Demo;
  /** Processes that are not started. */
  readonly without?: readonly ProcessName[];
  readonly report: (line: string) => void;
  /** Aborted by Ctrl-C and other signals. */
  readonly signal: AbortSignal;
}

export interface UpResult {
  readonly demo: DemoResult;
  /** A table of addresses for people. */
  readonly addresses: string;
}

const READY_MS = 90_000;
/** In addition to the time that processes have for draining. */
const STOP_MARGIN_MS = 5_000;

/**
 * Starts servers and processes and runs the demo. `teardown` stops what was started, also when this
 * throws.
 */
export async function up(options: UpOptions, teardown: Teardown): Promise<UpResult> {
  const { env, report, signal } = options;
  // Read first, so that a mistake in it is reported at once.
  const { shutdownSeconds, temporalNamespace, dataDir } = loadConfigPart(
    ['QUITTANCE_SHUTDOWN_SECONDS', 'QUITTANCE_TEMPORAL_NAMESPACE', 'QUITTANCE_DATA_DIR'],
    env,
  );
  const home = homeIn(dataDir);
  const servers = await serversIn(home, options);
  teardown.add(() => servers.stop());
  signal.throwIfAborted();

  const { operatorToken: file } = home;
  const operatorToken = await prepareServers(servers, temporalNamespace, file, report);
  signal.throwIfAborted();

  const environment = await processEnvironment(env, servers);
  const { apiUrl, lightningUrl, variables } = environment;
  const processes = await prepareProcesses(variables, home.logs, {
    report,
    readyMs: READY_MS,
    stopMs: shutdownSeconds * 1000 + STOP_MARGIN_MS,
  });
  teardown.add(
    () => stopProcesses(processes),
    () => killProcesses(processes),
  );
  signal.addEventListener('abort', () => void stopProcesses(processes), { once: true });
  report('starting the processes');
  await startProcesses(processes, options.without);
  signal.throwIfAborted();

  const addresses = addressTable(environment, servers, home);
  report(`\n${processTable(processes)}\n\n${addresses}\n`);
  const { natsUrl } = servers;
  const station = processes['ground-station'];
  const stationUrl = station.isStarted ? station.url : '';
  const demo = { apiUrl, lightningUrl, natsUrl, stationUrl, operatorToken, report, signal };
  return { demo: await options.demo(demo), addresses };
}

/** Where `quittance up` has its data, its logs and the operator's token. */
interface Home {
  readonly folder: string;
  readonly logs: string;
  readonly operatorToken: string;
}

/** The given folder, else .quittance/ beside package.json. */
function homeIn(dataDir: string | undefined): Home {
  const folder = dataDir === undefined ? join(packageRoot(), '.quittance') : resolve(dataDir);
  return { folder, logs: join(folder, 'logs'), operatorToken: join(folder, 'operator-token') };
}

async function serversIn(home: Home, options: UpOptions): Promise<Servers> {
  const { env, report, signal } = options;
  try {
    if (options.fresh) await removeDataFolder(home.folder, report);
    await mkdir(home.logs, { recursive: true });
    return await options.startServers({ dataDir: home.folder, durable: true, env, report, signal });
  } catch (error) {
    if (!(error instanceof FolderInUse)) throw error;
    throw new CommandError('quittance up is running here already', error.message, { cause: error });
  }
}

function addressTable(
  { apiUrl, lightningUrl }: ProcessEnvironment,
  servers: Servers,
  home: Home,
): string {
  return [
    `API             ${apiUrl}`,
    `its docs        ${apiUrl}/docs`,
    `Temporal's UI   ${servers.temporalUiUrl ?? 'see the Temporal at TEMPORAL_ADDRESS'}`,
    `Lightning node  ${lightningUrl} (simulated)`,
    `operator token  in ${home.operatorToken}`,
    `PostgreSQL      ${redactUrl(servers.databaseUrl)}`,
    `NATS            ${redactUrl(servers.natsUrl)}`,
    `Temporal        ${servers.temporalAddress}`,
  ].join('\n');
}
