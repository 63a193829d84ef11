import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pool } from 'pg';
import { createPool } from '../../db/pool.js';
import { satsToMsat } from '../../domain/money.js';
import { startServers } from '../../services/cli/servers/start-servers.js';
import type { Servers } from '../../services/cli/servers/types.js';
import { processEnvironment } from '../../services/cli/up/environment.js';
import { prepareServers } from '../../services/cli/up/prepare.js';
import {
  type Processes,
  type ProcessName,
  prepareProcesses,
  startProcesses,
  stopProcesses,
} from '../../services/cli/up/processes.js';
import { runtimeUrl } from '../../services/cli/up/runtime-user.js';
import { Supervised } from '../../services/cli/up/supervised.js';
import { Teardown } from '../../services/cli/up/teardown.js';
import { QuittanceClient } from '@quittance/sdk';
import { SimulatorControl } from '../../adapters/lightning/simulator-client/simulator-control.js';
import { SimulatorWallets } from '../../adapters/lightning/simulator-client/simulator-wallets.js';
import { withoutItemRules } from '../support/empty-database.js';
import { freePorts } from '../support/free-ports.js';

/** Short intervals, so that lost work is found within seconds. */
const ENVIRONMENT = {
  QUITTANCE_GRANT_OPERATOR_DAY_MSAT: '0',
  QUITTANCE_GRANT_ALONE_DAY_MSAT: '0',
  QUITTANCE_SWEEP_INTERVAL_SECONDS: '1',
  QUITTANCE_SWEEP_GRACE_SECONDS: '3',
  QUITTANCE_EXPIRY_GRACE_SECONDS: '1',
  QUITTANCE_CONFIRM_TIMEOUT_SECONDS: '3',
  QUITTANCE_STATION_SPEEDUP: '20',
  QUITTANCE_NODE_TIMEOUT_SECONDS: '3',
};

const RESTART_MS = 200;
/** Short, because tests kill the same process often. */
const LONGEST_RESTART_MS = 1_000;

const silent = (): void => undefined;

/** All but the simulators, which are the outside. */
const OURS = [
  'lightning',
  'api',
  'relay',
  'worker',
  'ground-station',
] as const satisfies readonly ProcessName[];

const SUPERVISED = {
  report: silent,
  readyMs: 90_000,
  stopMs: 25_000,
  firstPauseMs: RESTART_MS,
  longestPauseMs: LONGEST_RESTART_MS,
};

export const WALLET = 'e2e-payer';
/** What it has at the start. */
export const WALLET_SATS = 10_000_000n;

interface Parts {
  readonly folder: string;
  readonly servers: Servers;
  processes: Processes;
  /** A second worker and a second relay, if `doubled`. */
  readonly seconds: readonly Supervised[];
  readonly pool: Pool;
  readonly apiUrl: string;
  readonly lightningUrl: string;
  readonly storeUrl: string;
  readonly operatorToken: string;
  /** Environment of processes at their next start; see {@link System.arm}. */
  readonly variables: Record<string, string>;
}

export interface SystemOptions {
  /** Starts a second worker and a second relay. */
  readonly doubled?: boolean;
  /** Added to the short intervals of every test. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Added to the environment of one process. */
  readonly environmentOf?: (name: ProcessName) => Readonly<Record<string, string>>;
  /** Another node than the simulated one, which the environment names: that one is not started. */
  readonly withRealNode?: boolean;
}

/** Everything that `npm start` starts, with its own servers and folders. */
export class System {
  #natsEmptiedAt: Date | undefined;
  readonly operator: QuittanceClient;
  readonly wallets: SimulatorWallets;
  readonly node: SimulatorControl;

  private constructor(
    readonly parts: Parts,
    private readonly teardown: Teardown,
  ) {
    const endpoint = { url: parts.lightningUrl, timeoutMs: 5_000 };
    this.wallets = new SimulatorWallets(endpoint);
    this.node = new SimulatorControl(endpoint);
    this.operator = this.client(parts.operatorToken);
  }

  get servers(): Servers {
    return this.parts.servers;
  }

  get processes(): Processes {
    return this.parts.processes;
  }

  get pool(): Pool {
    return this.parts.pool;
  }

  /** If a part fails to start, the parts that have started are stopped. */
  static async start(options: SystemOptions = {}): Promise<System> {
    const teardown = new Teardown();
    try {
      const system = new System(await startParts(options, teardown), teardown);
      if (options.withRealNode !== true) {
        await system.wallets.open(WALLET, satsToMsat(WALLET_SATS));
      }
      return system;
    } catch (error) {
      // The error of the start is reported, not one of the teardown that it causes.
      await teardown.run().catch(() => undefined);
      throw error;
    }
  }

  stop(): Promise<void> {
    return this.teardown.run();
  }

  /** Stops every process of ours, does that, and starts them again, as an operator does. The outside goes on. Not where `doubled`. */
  async whileStopped(work: () => Promise<void>): Promise<void> {
    const before = this.processes;
    await Promise.all(OURS.map((name) => before[name].stop()));
    await work();
    const now = { ...before };
    for (const name of OURS) now[name] = new Supervised(before[name].spec, SUPERVISED);
    this.parts.processes = now;
    this.teardown.add(async () => {
      await Promise.all(OURS.map((name) => now[name].stop()));
    });
    await Promise.all(OURS.map((name) => now[name].start()));
  }

  /** SIGKILL. The supervisor restarts the process. */
  kill(name: keyof Processes): void {
    const { pid } = this.processes[name];
    if (pid === undefined) throw new Error(`${name} does not run`);
    process.kill(pid, 'SIGKILL');
  }

  /** Restarts NATS without its data. Undelivered messages are lost. */
  async emptyNats(): Promise<void> {
    this.#natsEmptiedAt = new Date();
    await this.servers.nats.empty?.();
  }

  /** When NATS was last emptied. */
  get natsEmptiedAt(): Date | undefined {
    return this.#natsEmptiedAt;
  }

  /** All processes, including the second worker and relay. */
  all(): Supervised[] {
    return [...Object.values(this.processes), ...this.parts.seconds];
  }

  /** Sets the failpoints of processes that start from now on. */
  arm(failpoints: readonly string[]): void {
    this.parts.variables['QUITTANCE_FAILPOINTS'] = failpoints.join(',');
  }

  async account(name: string, creditsMsat?: string): Promise<QuittanceClient> {
    const opened = await this.operator.openAccount({ name });
    // If the first answer was lost, the replayed one has no token.
    const token = opened.token ?? (await this.operator.issueToken(name, 'again')).token;
    if (token === undefined) throw new Error('no token');
    if (creditsMsat !== undefined) {
      await this.operator.grantCredits(name, { amountMsat: creditsMsat, reason: 'a test' });
    }
    return this.client(token);
  }

  /** Anonymous without a token. Retries while a process restarts. */
  client(token?: string): QuittanceClient {
    return new QuittanceClient({
      baseUrl: this.parts.apiUrl,
      retries: 40,
      ...(token === undefined ? {} : { token }),
    });
  }
}

async function startParts(options: SystemOptions, teardown: Teardown): Promise<Parts> {
  const folder = await mkdtemp(join(tmpdir(), 'quittance-e2e-'));
  teardown.add(() => rm(folder, { recursive: true, force: true }));
  const env = { ...withoutAddresses(process.env), ...ENVIRONMENT, ...options.environment };
  const servers = await startServers({ dataDir: folder, durable: true, env, report: silent });
  teardown.add(() => servers.stop());
  const tokenFile = join(folder, 'operator-token');
  const operatorToken = await prepareServers(servers, 'default', tokenFile, silent);
  const pool = createPool({
    connectionString: servers.databaseUrl,
    max: 4,
    applicationName: 'quittance-e2e',
    onError: silent,
  });
  teardown.add(() => pool.end());
  await withoutItemRules(pool);
  const { apiUrl, lightningUrl, storeUrl, ...prepared } = await processEnvironment(
    { ...env, ...(await freePorts()) },
    servers,
  );
  // Processes run as a user who does not own the tables.
  const DATABASE_URL = await runtimeUrl(servers.databaseUrl);
  const variables = { ...prepared.variables, DATABASE_URL };
  const common = await prepareProcesses(variables, join(folder, 'logs'), SUPERVISED);
  const processes = withOwn(common, options.environmentOf);
  const seconds = options.doubled === true ? [processes.worker, processes.relay].map(second) : [];
  teardown.add(async () => {
    await Promise.all([stopProcesses(processes), ...seconds.map((process) => process.stop())]);
  });
  const without = options.withRealNode === true ? (['lightning-simulator'] as const) : [];
  await Promise.all([
    startProcesses(processes, without),
    ...seconds.map((process) => process.start()),
  ]);
  return {
    ...{ folder, servers, processes, seconds, pool },
    ...{ apiUrl, lightningUrl, storeUrl, operatorToken, variables },
  };
}

/** The same processes, each with an environment of its own. */
function withOwn(processes: Processes, ownOf: SystemOptions['environmentOf']): Processes {
  if (ownOf === undefined) return processes;
  const own = (name: ProcessName): Supervised => {
    const { spec } = processes[name];
    return new Supervised({ ...spec, env: { ...spec.env, ...ownOf(name) } }, SUPERVISED);
  };
  return {
    'lightning-simulator': own('lightning-simulator'),
    'store-simulator': own('store-simulator'),
    lightning: own('lightning'),
    api: own('api'),
    relay: own('relay'),
    worker: own('worker'),
    'ground-station': own('ground-station'),
  };
}

function second({ spec }: Supervised): Supervised {
  return new Supervised({ ...spec, logFile: spec.logFile.replace('.log', '-2.log') }, SUPERVISED);
}

/** Without the addresses of the shared servers: this system starts its own. */
function withoutAddresses(env: NodeJS.ProcessEnv): Record<string, string> {
  const ADDRESSES = ['DATABASE_URL', 'NATS_URL', 'TEMPORAL_ADDRESS'];
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value === undefined || ADDRESSES.includes(name) ? [] : [[name, value]],
    ),
  );
}
