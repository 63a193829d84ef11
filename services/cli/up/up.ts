import { loadConfigPart, redactUrl, type Environment } from '../../shared/config.js';
import type { Demo, DemoResult } from '../demo/contract.js';
import { CommandError } from '../run-command.js';
import { FolderInUse, removeDataFolder } from '../servers/data-folder.js';
import type { Servers, StartOptions } from '../servers/types.js';
import { processEnvironment, type ProcessEnvironment } from './environment.js';
import { type Home, homeIn, makeHome, ownSecret, writeEnv } from './home.js';
import { type OwnLnd, startOwnLnd } from './own-lnd.js';
import { prepareServers } from './prepare.js';
import {
  type ProcessName,
  killProcesses,
  prepareProcesses,
  processTable,
  startProcesses,
  stopProcesses,
} from './processes.js';
import { keptSigningVariables } from './signing-keys.js';
import { runtimeUrl } from './runtime-user.js';
import type { Teardown } from './teardown.js';

export interface UpOptions {
  readonly env: Environment;
  /** Delete the data first. */
  readonly fresh: boolean;
  readonly startServers: (options: StartOptions) => Promise<Servers>;
  readonly demo: Demo;
  /** What the Lightning node is. Default: what the environment says, else the simulated one. */
  readonly lightning?: 'simulator' | 'lnd' | undefined;
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
  const { servers, secret, startingLnd } = await serversIn(home, options);
  // The folder is given up after both.
  teardown.add(() => servers.stop());
  teardown.add(() => stopLnd(startingLnd));
  signal.throwIfAborted();

  const { operatorToken: file } = home;
  const [operatorToken, lnd] = await both(
    prepareServers(servers, temporalNamespace, file, report),
    startingLnd,
  );
  signal.throwIfAborted();
  const keys = await keptSigningVariables(home.signingKeys, env);
  const environment = await processEnvironment({ ...keys, ...env, ...lnd?.variables }, servers);
  const { apiUrl, lightningUrl, storeUrl } = environment;
  const variables = { ...environment.variables, ...secret };
  const own = servers.postgres.source !== 'environment';
  const runtime = own ? { DATABASE_URL: await runtimeUrl(servers.databaseUrl) } : {};
  const processes = await prepareProcesses({ ...variables, ...runtime }, home.logs, {
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
  const without = options.without ?? [];
  await startProcesses(processes, lnd ? [...without, 'lightning-simulator'] : without);
  signal.throwIfAborted();

  const written = await writeEnv(home, variables);
  teardown.add(written.remove);
  const nodeIs = lnd?.about ?? `${lightningUrl} (simulated)`;
  const addresses = addressTable(environment, servers, home, nodeIs);
  report(`\n${processTable(processes)}\n\n${addresses}\n`);
  const { natsUrl } = servers;
  const station = processes['ground-station'];
  const stationUrl = station.isStarted ? station.url : '';
  const outside = { lightningUrl, storeUrl, natsUrl, stationUrl };
  const paying = { payer: lnd?.payer, payeeWallet: lnd?.payeeWallet, nodeIs };
  const demo = { apiUrl, ...outside, ...paying, operatorToken, report, signal };
  return { demo: await options.demo(demo), addresses };
}

/** Waits for both also when one fails: what the other has started can be stopped then. */
async function both<A, B>(one: Promise<A>, other: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([one, other]);
  return Promise.all([one, other]);
}

type StartingLnd = Promise<OwnLnd | undefined>;

async function lndIn(
  home: Home,
  { lightning, env, report }: UpOptions,
  signal: AbortSignal,
): StartingLnd {
  return lightning === 'lnd' ? startOwnLnd(home, { env, report, signal }) : undefined;
}

/** Also where it has not started yet. */
async function stopLnd(starting: StartingLnd | undefined): Promise<void> {
  const lnd = await starting?.catch(() => undefined);
  await lnd?.stop();
}

/** The secret of this installation, unless one is given. */
async function withOwnSecret(home: Home, env: Environment): Promise<Record<string, string>> {
  const given = [env['QUITTANCE_SECRET'], env['QUITTANCE_SECRET_FILE']];
  if (given.some((value) => (value ?? '').trim() !== '')) return {};
  return { QUITTANCE_SECRET: await ownSecret(home) };
}

interface Started {
  readonly servers: Servers;
  readonly secret: Record<string, string>;
  readonly startingLnd: StartingLnd;
}

/** The nodes of lnd start beside the servers. */
async function serversIn(home: Home, options: UpOptions): Promise<Started> {
  const { env, report, signal } = options;
  const failed = new AbortController();
  const until = AbortSignal.any([signal, failed.signal]);
  let startingLnd: StartingLnd | undefined;
  const startLnd = (): StartingLnd => {
    startingLnd ??= lndIn(home, options, until);
    // Told where it is awaited.
    startingLnd.catch(() => undefined);
    return startingLnd;
  };
  try {
    if (options.fresh) await removeDataFolder(home.folder, report);
    await makeHome(home);
    const secret = await withOwnSecret(home, env);
    const start = { dataDir: home.folder, durable: true, env, report, signal };
    const servers = await options.startServers({ ...start, onLocked: () => void startLnd() });
    return { servers, secret, startingLnd: startLnd() };
  } catch (error) {
    failed.abort(error);
    await stopLnd(startingLnd);
    if (!(error instanceof FolderInUse)) throw error;
    throw new CommandError('quittance up is running here already', error.message, { cause: error });
  }
}

function addressTable(
  { apiUrl, storeUrl }: ProcessEnvironment,
  servers: Servers,
  home: Home,
  nodeIs: string,
): string {
  return [
    `API             ${apiUrl}`,
    `its docs        ${apiUrl}/docs`,
    `Temporal's UI   ${servers.temporalUiUrl ?? 'see the Temporal at TEMPORAL_ADDRESS'}`,
    `Lightning node  ${nodeIs}`,
    `store           ${storeUrl} (simulated)`,
    `operator token  in ${home.operatorToken}`,
    `PostgreSQL      ${redactUrl(servers.databaseUrl)}`,
    `NATS            ${redactUrl(servers.natsUrl)}`,
    `Temporal        ${servers.temporalAddress}`,
  ].join('\n');
}
