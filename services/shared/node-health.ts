import { Gauge } from 'prom-client';
import { refuseOther } from '../../adapters/lightning/expected-node.js';
import {
  LightningError,
  type LightningPort,
  NODE_ALARMS,
  type NodeInfo,
} from '../../adapters/lightning/port.js';
import type { Config } from './config.js';
import type { Service } from './process.js';

/** Why a node cannot be used: an operator has to act, and no attempt fails because of it. */
export const NODE_TROUBLES = ['unreachable', 'not_synced', ...NODE_ALARMS] as const;
export type NodeTrouble = (typeof NODE_TROUBLES)[number];

/** A node that says nothing for so long is unreachable, as far as anybody waits for it. */
const ANSWERS_WITHIN_MS = 1_500;

class TroubledNode extends Error {
  override readonly name = 'TroubledNode';

  constructor(
    readonly trouble: NodeTrouble,
    message: string,
  ) {
    super(`${trouble}: ${message}`);
  }
}

export type ExpectedNodeConfig = Pick<Config, 'lightningNetwork' | 'lightningNode'>;

/** The node, if it is the one that is configured. Throws an error that names what is wrong. */
export async function expectedNode(
  { lightningNetwork: network, lightningNode: publicKey }: ExpectedNodeConfig,
  node: Pick<LightningPort, 'info'>,
): Promise<NodeInfo> {
  try {
    const info = await node.info();
    refuseOther(info, { network, publicKey });
    return info;
  } catch (error) {
    throw new TroubledNode(
      troubleOf(error),
      error instanceof Error ? error.message : String(error),
    );
  }
}

/** {@link expectedNode}, that also has caught up with the chain and answers soon. */
export async function wellNode(
  expected: ExpectedNodeConfig,
  node: Pick<LightningPort, 'info'>,
): Promise<NodeInfo> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    const error = new TroubledNode('unreachable', `no answer within ${ANSWERS_WITHIN_MS} ms`);
    timer = setTimeout(() => reject(error), ANSWERS_WITHIN_MS);
  });
  const info = await Promise.race([expectedNode(expected, node), tooLong]).finally(() =>
    clearTimeout(timer),
  );
  if (!info.synced) throw new TroubledNode('not_synced', `it is at block ${info.blockHeight}`);
  return info;
}

/** Adds the node to /readyz and to /metrics, where each trouble is a series of its own. */
export function watchNodeHealth(service: Service, node: Pick<LightningPort, 'info'>): void {
  const { config, metrics } = service;
  const check = (): Promise<NodeInfo> => wellNode(config, node);
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

/** For processes that call the node: a real one can be locked, wrong or behind, which has to be seen where its calls are made. */
export function watchRealNode(service: Service, node: Pick<LightningPort, 'info'>): void {
  if (service.config.lightningBackend === 'lnd') watchNodeHealth(service, node);
}
