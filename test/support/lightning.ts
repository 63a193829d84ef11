import { pino } from 'pino';
import { createPool } from '../../db/pool.js';
import { DEFAULT_SETTINGS, type NodeSettings } from '../../simulators/lightning/settings.js';
import { startSimulator as start } from '../../simulators/lightning/start-simulator.js';
import { SimulatorControl } from '../../adapters/lightning/simulator-client/simulator-control.js';
import { SimulatorNode } from '../../adapters/lightning/simulator-client/simulator-node.js';
import { SimulatorWallets } from '../../adapters/lightning/simulator-client/simulator-wallets.js';

export interface SimulatorForTests {
  /** The HTTP client that our processes use. */
  readonly node: SimulatorNode;
  readonly wallets: SimulatorWallets;
  /** Sets and clears faults, and recounts all money. */
  readonly control: SimulatorControl;
  readonly url: string;
  readonly port: number;
  /** Like the end of its process: its state stays in the database. May be called more than once. */
  stop(): Promise<void>;
}

export interface SimulatorForTestsOptions extends Partial<NodeSettings> {
  /** A database with the migrations applied. */
  readonly databaseUrl: string;
  /** Default: a free one. Pass an earlier simulator's port to restart it there. */
  readonly port?: number;
  /** Timeout of the client's calls. Default 2 s. */
  readonly timeoutMs?: number;
}

/** Runs the simulated Lightning node in this process, on a free port. */
export async function startSimulator(
  options: SimulatorForTestsOptions,
): Promise<SimulatorForTests> {
  const { databaseUrl, port = 0, timeoutMs = 2_000, ...settings } = options;
  const pool = createPool({
    connectionString: databaseUrl,
    max: 10,
    applicationName: 'simulator-for-tests',
    onError: () => undefined,
  });
  const simulator = await start({
    pool,
    logger: pino({ level: 'warn' }),
    host: '127.0.0.1',
    port,
    settings: { ...DEFAULT_SETTINGS, ...settings },
    controls: true,
    sweepMs: 50,
  });
  const endpoint = { url: simulator.url, timeoutMs };
  let stopped: Promise<void> | undefined;
  return {
    node: new SimulatorNode(endpoint),
    wallets: new SimulatorWallets(endpoint),
    control: new SimulatorControl(endpoint),
    url: simulator.url,
    port: Number(new URL(simulator.url).port),
    stop: () => (stopped ??= simulator.stop().then(() => pool.end())),
  };
}
