import { randomBytes } from 'node:crypto';
import { satsToMsat } from '../../../domain/money.js';
import { SimulatorNode } from '../../../adapters/lightning/simulator-client/simulator-node.js';
import { oneByOne, p50 } from '../callers.js';
import { WALLET } from '../ours/flows.js';
import { hashOfPreimage } from '../../../engine/invoices/preimage.js';
import type { Part } from '../part.js';

const INVOICE = { amountMsat: satsToMsat(10n), expirySeconds: 600, memo: 'bench' };

/** How long the simulated node takes to create an invoice, and to settle a held one. */
export const node: Part = {
  name: 'node',
  figures: [
    { id: 'floor.node', title: 'floor: the node creates an invoice, p50', unit: 'ms' },
    { id: 'floor.node.settle', title: 'floor: the node settles a held invoice, p50', unit: 'ms' },
  ],
  async prepare({ parts: { lightningUrl }, wallets, options: { sizes } }) {
    const simulator = new SimulatorNode({ url: lightningUrl, timeoutMs: 10_000 });
    await wallets.open(WALLET, satsToMsat(1_000_000_000n));
    const create = (): Promise<unknown> =>
      simulator.createInvoice({ ...INVOICE, kind: 'ordinary', preimage: newPreimage() });
    const hold = async (): Promise<string> => {
      const preimage = newPreimage();
      const hash = hashOfPreimage(preimage);
      const { bolt11 } = await simulator.createInvoice({ ...INVOICE, kind: 'hold', hash });
      await wallets.pay(WALLET, bolt11);
      return preimage;
    };
    return {
      round: async () => {
        const created = await oneByOne(sizes.quiet, create);
        const held: string[] = [];
        for (let index = 0; index < sizes.quiet; index += 1) held.push(await hold());
        const settled = await oneByOne(held.length, (n) => simulator.settleInvoice(held[n] ?? ''));
        return { 'floor.node': p50(created), 'floor.node.settle': p50(settled) };
      },
    };
  },
};

function newPreimage(): string {
  return randomBytes(32).toString('hex');
}
