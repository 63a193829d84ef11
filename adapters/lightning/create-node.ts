import { SimulatorNode } from './simulator-client/simulator-node.js';

/** A client of the installation's Lightning node. */
export function createNode(
  config: { readonly lightningUrl: string; readonly nodeTimeoutSeconds: number },
  onTrouble?: (error: unknown) => void,
): SimulatorNode {
  return new SimulatorNode({
    url: config.lightningUrl,
    timeoutMs: config.nodeTimeoutSeconds * 1000,
    ...(onTrouble === undefined ? {} : { onTrouble }),
  });
}
