import type { Pool } from 'pg';
import type { Logger } from '../../services/shared/logger.js';
import { FaultSwitches } from './faults/fault-switches.js';
import { FaultyCalls } from './faults/faulty-calls.js';
import { buildServer } from './http/server.js';
import { SimulatedNode } from './simulated-node.js';
import { SimulatedWallets } from './simulated-wallets.js';
import type { NodeSettings } from './settings.js';
import { startSweep } from './sweep.js';

export interface SimulatorOptions {
  readonly pool: Pool;
  readonly logger: Logger;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly settings: NodeSettings;
  readonly controls: boolean;
  /** How often to look for expired invoices. */
  readonly sweepMs: number;
}

export interface Simulator {
  readonly url: string;
  /** Ends the connections of subscribers; the pool stays open. */
  stop(): Promise<void>;
}

/** The simulated node behind its HTTP server. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { pool, logger, settings } = options;
  const node = await SimulatedNode.open(pool, settings);
  const faults = new FaultSwitches();
  node.state.repeatsEvent = () => faults.affectsEvent('repeat');
  const calls = new FaultyCalls(faults, (err, operation) =>
    logger.info({ err, operation }, 'an operation delayed by a fault switch failed'),
  );
  const wallets = new SimulatedWallets(node.state, settings);
  const server = buildServer({ node, wallets, calls, logger, controls: options.controls });
  const url = await server.listen({ host: options.host, port: options.port });
  const sweep = startSweep({
    everyMs: options.sweepMs,
    work: () => node.closeOverdue(),
    onError: (err) => logger.warn({ err }, 'could not close expired invoices: trying again'),
  });
  return {
    url,
    stop: async () => {
      await server.close();
      await calls.stop();
      await sweep.stop();
    },
  };
}
