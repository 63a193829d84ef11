import { Gauge } from 'prom-client';
import {
  LightningError,
  type LightningPort,
  type NodeInfo,
} from '../../adapters/lightning/port.js';
import type { Config } from './config.js';
import type { Service } from './process.js';

/** Why a node cannot be used: an operator has to act, and no attempt fails because of it. */
export const NODE_TROUBLES = [
  'unreachable',
  'locked',
  'starting',
  'permission_denied',
  'not_synced',
  'wrong_network',
  'wrong_node',
] as const;
export type NodeTrouble = (typeof NODE_TROUBLES)[number];

class TroubledNode extends Error {
  override readonly name = 'TroubledNode';

  constructor(
    readonly trouble: NodeTrouble,
    message: string,
  ) {
    super(`${trouble}: ${message}`);
  }
}

type Expected = Pick<Config, 'lightningNetwork' | 'lightningNode'>;

/** The node, if it is the one that is configured. Throws an error that names what is wrong. */
export async function expectedNode(
  expected: Expected,
  node: Pick<LightningPort, 'info'>,
): Promise<NodeInfo> {
  const info = await node.info().catch((error: unknown) => {
    throw new TroubledNode(
      troubleOf(error),
      error instanceof Error ? error.message : String(error),
    );
  });
  const { lightningNetwork: network, lightningNode: key } = expected;
  if (network !== undefined && info.network !== network) {
    throw new TroubledNode('wrong_network', `it is on ${info.network}, not on ${network}`);
  }
  if (key !== undefined && info.publicKey !== key) {
    throw new TroubledNode('wrong_node', `its public key is ${info.publicKey}, not ${key}`);
  }
  return info;
}

/** Adds the node to /readyz and to /metrics, where each trouble is a series of its own. */
export function watchNodeHealth(service: Service, node: Pick<LightningPort, 'info'>): void {
  const { config, metrics } = service;
  const check = async (): Promise<void> => {
    const { synced, blockHeight } = await expectedNode(config, node);
    if (!synced) throw new TroubledNode('not_synced', `it is at block ${blockHeight}`);
  };
  service.addCheck('node', check);
  new Gauge({
    name: 'quittance_lightning_node_trouble',
    help: '1 for what is wrong with the Lightning node, as of this scrape.',
    labelNames: ['trouble'],
    registers: [metrics],
    async collect() {
      const trouble = await check().then(
        () => undefined,
        (error: unknown) => (error instanceof TroubledNode ? error.trouble : 'unreachable'),
      );
      for (const one of NODE_TROUBLES) this.set({ trouble: one }, one === trouble ? 1 : 0);
    },
  });
}

function troubleOf(error: unknown): NodeTrouble {
  return (error instanceof LightningError ? error.alarm : undefined) ?? 'unreachable';
}
