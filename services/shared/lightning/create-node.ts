import type { Config } from '../config.js';
import { SimulatorNode } from './simulator-node.js';

/** The Lightning node this installation uses. */
export function createNode(
  config: Pick<Config, 'lightningUrl' | 'nodeTimeoutSeconds'>,
  onTrouble?: (error: unknown) => void,
): SimulatorNode {
  return new SimulatorNode({
    url: config.lightningUrl,
    timeoutMs: config.nodeTimeoutSeconds * 1000,
    ...(onTrouble === undefined ? {} : { onTrouble }),
  });
}
