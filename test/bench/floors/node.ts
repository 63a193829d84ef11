import { randomBytes } from 'node:crypto';
import { satsToMsat } from '../../../domain/money.js';
import { SimulatorNode } from '../../../adapters/lightning/simulator-client/simulator-node.js';
import { oneByOne, p50 } from '../callers.js';
import type { Part } from '../part.js';

/** How long the simulated node takes to create an invoice. */
export const node: Part = {
  name: 'node',
  figures: [{ id: 'floor.node', title: 'floor: the node creates an invoice, p50', unit: 'ms' }],
  prepare({ parts: { lightningUrl }, options: { sizes } }) {
    const simulator = new SimulatorNode({ url: lightningUrl, timeoutMs: 10_000 });
    const create = (): Promise<unknown> =>
      simulator.createInvoice({
        kind: 'ordinary',
        preimage: randomBytes(32).toString('hex'),
        amountMsat: satsToMsat(10n),
        expirySeconds: 600,
        memo: 'bench',
      });
    return Promise.resolve({
      round: async () => ({ 'floor.node': p50(await oneByOne(sizes.quiet, create)) }),
    });
  },
};
