import { chmod, cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lightningBinaries } from '../../../services/cli/servers/lightning/binaries.js';
import {
  type LightningNetwork,
  startNetwork,
} from '../../../services/cli/servers/lightning/network.js';
import { variablesFor } from '../../../services/cli/up/own-lnd.js';
import { System, type SystemOptions } from '../../e2e/system.helper.js';

/** Nobody is refused because of a limit of ours. */
const NO_LIMITS = {
  QUITTANCE_UNPAID_LIMIT: '0',
  QUITTANCE_UNPAID_ORIGIN_LIMIT: '0',
  QUITTANCE_UNPAID_ANONYMOUS_LIMIT: '0',
  QUITTANCE_WALLET_PENDING_LIMIT: '0',
};

export interface OnLnd {
  readonly network: LightningNetwork;
  readonly system: System;
  stop(): Promise<void>;
}

/** The whole system on alice, one of three real nodes; its invoices expire after so many seconds. */
export async function startOnLnd(
  expirySeconds: number,
  options: Pick<SystemOptions, 'doubled'> = {},
): Promise<OnLnd> {
  const folder = await mkdtemp(join(tmpdir(), 'quittance-soak-lnd-'));
  await chmod(folder, 0o711);
  const report = (line: string): void => void process.stdout.write(`${line}\n`);
  const { signal } = new AbortController();
  const binaries = await lightningBinaries({ env: process.env, report, signal });
  const network = await startNetwork(binaries, {
    ...{ dataDir: folder, env: process.env, report, signal },
  });
  const environment = {
    ...{ ...NO_LIMITS, ...(await variablesFor(network)) },
    QUITTANCE_INVOICE_EXPIRY_SECONDS: String(expirySeconds),
    QUITTANCE_ORDER_INVOICE_EXPIRY_SECONDS: String(expirySeconds),
  };
  const system = await System.start({ ...options, environment, withRealNode: true });
  const stop = async (): Promise<void> => {
    await system.stop();
    await network.stop();
    // What the nodes have logged tells why, where something has failed.
    const keep = process.env['SOAK_KEEP_LOGS'];
    if (keep !== undefined) await cp(join(folder, 'logs'), keep, { recursive: true });
    await rm(folder, { recursive: true, force: true });
  };
  return { network, system, stop };
}
