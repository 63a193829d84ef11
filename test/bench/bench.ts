import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { connect, type NatsConnection } from 'nats';
import type { Pool } from 'pg';
import { readEpoch } from '../../db/installation.js';
import { createPool } from '../../db/pool.js';
import { startServers } from '../../services/cli/servers/start-servers.js';
import type { Servers } from '../../services/cli/servers/types.js';
import { processEnvironment } from '../../services/cli/up/environment.js';
import { prepareServers } from '../../services/cli/up/prepare.js';
import {
  type Processes,
  prepareProcesses,
  startProcesses,
  stopProcesses,
} from '../../services/cli/up/processes.js';
import { SimulatorWallets } from '../../adapters/lightning/simulator-client/simulator-wallets.js';
import { withoutItemRules } from '../support/empty-database.js';
import { freePorts } from '../support/free-ports.js';

/** Invoices that do not expire during a run, and stations that take no time. */
const ENVIRONMENT = {
  QUITTANCE_GRANT_OPERATOR_DAY_MSAT: '0',
  QUITTANCE_GRANT_ALONE_DAY_MSAT: '0',
  QUITTANCE_UNPAID_LIMIT: '0',
  QUITTANCE_UNPAID_ORIGIN_LIMIT: '0',
  QUITTANCE_UNPAID_ANONYMOUS_LIMIT: '0',
  QUITTANCE_WALLET_PENDING_LIMIT: '0',
  QUITTANCE_INVOICE_EXPIRY_SECONDS: '7200',
  QUITTANCE_ORDER_INVOICE_EXPIRY_SECONDS: '7200',
  QUITTANCE_STATION_SPEEDUP: '1000000',
  QUITTANCE_CONFIRM_TIMEOUT_SECONDS: '60',
};

export interface BenchOptions {
  /** PostgreSQL with fsync and Temporal on disk. */
  readonly durable: boolean;
  readonly report: (line: string) => void;
  readonly sizes: Sizes;
  /** The environment of another node than the simulated one, which is not started then. */
  readonly realNode?: Readonly<Record<string, string>>;
}

/** How much is measured in a round. */
export interface Sizes {
  /** Calls of a measure that makes one at a time. */
  readonly quiet: number;
  /** Openings in a burst. */
  readonly burst: number;
  /** Invoice updates in a burst. */
  readonly updates: number;
  /** Length of a sustained measure. */
  readonly seconds: number;
}

interface Connections {
  readonly pool: Pool;
  readonly nats: NatsConnection;
  readonly temporal: Client;
  readonly temporalConnection: Connection;
}

interface Parts extends Connections {
  readonly folder: string;
  readonly logs: string;
  readonly servers: Servers;
  readonly processes: Processes;
  readonly operatorToken: string;
  readonly apiUrl: string;
  readonly lightningUrl: string;
  /** Environment of our processes, also used by helper processes. */
  readonly variables: Readonly<Record<string, string>>;
  readonly epoch: bigint;
}

/** Everything that `npm start` starts, with its own servers and folder. */
export class Bench {
  readonly wallets: SimulatorWallets;
  #stopping: Promise<void> | undefined;

  private constructor(
    readonly options: BenchOptions,
    readonly parts: Parts,
  ) {
    this.wallets = new SimulatorWallets({ url: parts.lightningUrl, timeoutMs: 30_000 });
  }

  static async start(options: BenchOptions): Promise<Bench> {
    const { durable, report, realNode = {} } = options;
    const folder = await mkdtemp(join(tmpdir(), 'quittance-bench-'));
    const logs = join(folder, 'logs');
    const env = { ...definedEnvironment(), ...ENVIRONMENT, ...realNode };
    const servers = await startServers({ dataDir: folder, durable, env, report });
    try {
      await mkdir(logs, { recursive: true });
      const tokenFile = join(folder, 'token');
      const operatorToken = await prepareServers(servers, 'default', tokenFile, report);
      const { apiUrl, lightningUrl, variables } = await processEnvironment(
        { ...env, ...(await freePorts()) },
        servers,
      );
      const processes = await prepareProcesses(variables, logs, {
        report,
        readyMs: 90_000,
        stopMs: 25_000,
      });
      await startProcesses(processes, options.realNode ? ['lightning-simulator'] : []);
      const connections = await connectAll(servers, report);
      await withoutItemRules(connections.pool);
      const epoch = await readEpoch(connections.pool);
      const found = { folder, logs, servers, processes, operatorToken, variables, epoch };
      return new Bench(options, { ...connections, ...found, apiUrl, lightningUrl });
    } catch (error) {
      await servers.stop();
      throw error;
    }
  }

  stop(): Promise<void> {
    // A signal may arrive while it is already stopping.
    this.#stopping ??= this.#stopOnce();
    return this.#stopping;
  }

  async #stopOnce(): Promise<void> {
    const { pool, nats, temporalConnection, processes, servers, folder } = this.parts;
    await pool.end();
    await nats.close();
    await temporalConnection.close();
    await stopProcesses(processes);
    await servers.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function connectAll(servers: Servers, report: (line: string) => void): Promise<Connections> {
  const temporalConnection = await Connection.connect({ address: servers.temporalAddress });
  return {
    pool: createPool({
      connectionString: servers.databaseUrl,
      max: 20,
      applicationName: 'quittance-bench',
      onError: (error) => report(error.message),
    }),
    nats: await connect({ servers: servers.natsUrl, name: 'quittance-bench' }),
    temporal: new Client({ connection: temporalConnection }),
    temporalConnection,
  };
}

/** The environment of this process, without undefined values. */
function definedEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );
}
