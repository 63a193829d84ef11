import { LndChannel } from './lnd/channel.js';
import { NO_JOURNAL, type NodeJournal } from './lnd/journal.js';
import { LndNode } from './lnd/lnd-node.js';
import { onlyExpected } from './expected-node.js';
import type { LightningPort, NodeInfo } from './port.js';
import { SimulatorNode } from './simulator-client/simulator-node.js';

export interface NodeConfig {
  readonly lightningUrl: string;
  readonly nodeTimeoutSeconds: number;
  /** Default: the simulator. */
  readonly lightningBackend?: 'simulator' | 'lnd';
  /** With lnd, all three. */
  readonly lndAddress?: string | undefined;
  readonly lndCertificate?: string | undefined;
  readonly lndMacaroon?: string | undefined;
  /** The node that it has to be. Default: any. */
  readonly lightningNetwork?: NodeInfo['network'] | undefined;
  readonly lightningNode?: string | undefined;
}

/** The variables that say which node it is. */
export const NODE_KEYS = [
  'QUITTANCE_LIGHTNING_URL',
  'QUITTANCE_NODE_TIMEOUT_SECONDS',
  'QUITTANCE_LIGHTNING_BACKEND',
  'QUITTANCE_LND_ADDRESS',
  'QUITTANCE_LND_CERTIFICATE',
  'QUITTANCE_LND_MACAROON',
  'QUITTANCE_LIGHTNING_NETWORK',
  'QUITTANCE_LIGHTNING_NODE',
] as const;

/** A client of the installation's Lightning node. What a node of lnd was seen to do is told only by the journal of its watcher. */
export function createNode(
  config: NodeConfig,
  onTrouble?: (error: unknown) => void,
  journal: NodeJournal = NO_JOURNAL,
): LightningPort {
  const { lightningNetwork: network, lightningNode: publicKey } = config;
  return onlyExpected(nodeOf(config, onTrouble, journal), { network, publicKey });
}

function nodeOf(
  config: NodeConfig,
  onTrouble: ((error: unknown) => void) | undefined,
  journal: NodeJournal,
): LightningPort {
  if (config.lightningBackend === 'lnd') return new LndNode(lndChannel(config), journal);
  return new SimulatorNode({
    url: config.lightningUrl,
    timeoutMs: config.nodeTimeoutSeconds * 1000,
    ...(onTrouble === undefined ? {} : { onTrouble }),
  });
}

/** Throws when the configuration of lnd is not complete. */
export function lndChannel(config: NodeConfig): LndChannel {
  const { lndAddress, lndCertificate, lndMacaroon, nodeTimeoutSeconds } = config;
  if (lndAddress === undefined || lndCertificate === undefined || lndMacaroon === undefined) {
    throw new Error(
      'QUITTANCE_LIGHTNING_BACKEND=lnd needs QUITTANCE_LND_ADDRESS, QUITTANCE_LND_CERTIFICATE and QUITTANCE_LND_MACAROON',
    );
  }
  return new LndChannel({
    address: lndAddress,
    certificate: lndCertificate,
    macaroon: lndMacaroon,
    timeoutMs: nodeTimeoutSeconds * 1000,
  });
}
