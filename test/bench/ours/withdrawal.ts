import { satsToMsat, toMsat } from '../../../domain/money.js';
import { actionWorkflowId } from '../../../domain/names/workflows.js';
import type { QuittanceClient } from '@quittance/sdk';
import type { Bench } from '../bench.js';
import { oneByOne, p50, p99 } from '../callers.js';
import type { Part, Values } from '../part.js';
import { tasksFigure, tasksOf } from './histories.js';
import { prepareRounds, type Round } from './open-and-pay.js';
import { bareNode, MEMO, newSaver, PAYEE } from './payee.js';

/** From the request to the event that it is paid. */
export const withdrawal: Part = {
  name: 'withdrawal',
  figures: [
    { id: 'floor.withdrawal', title: "floor: a withdrawal's calls to the node, p50", unit: 'ms' },
    {
      id: 'withdrawal.paid',
      title: 'withdrawal, request to PAID on NATS, p50',
      unit: 'ms',
      floor: 'floor.withdrawal',
      aim: { of: 'ratio', is: 'at most', bound: 1.3 },
    },
    { id: 'withdrawal.paid.p99', title: 'withdrawal, request to PAID on NATS, p99', unit: 'ms' },
    tasksFigure('withdrawal'),
  ],
  async prepare(bench) {
    await bench.wallets.open(PAYEE, satsToMsat(0n));
    const saver = await newSaver(bench);
    const run = (round: Round): Promise<Values> => withdrawalRound(round, saver);
    return prepareRounds(bench, { quiet: 20, burst: 0, updates: 0 }, run);
  },
};

async function withdrawalRound(
  { bench, outcomes, sizes }: Round,
  saver: QuittanceClient,
): Promise<Values> {
  const bare = await bareCalls(bench, sizes.quiet);
  const invoices = await mint(bench, sizes.quiet);
  const opened: { readonly workflowId: string }[] = [];
  const times = await oneByOne(sizes.quiet, async (n) => {
    const { id } = await saver.withdraw({ bolt11: invoices[n]?.bolt11 ?? '' });
    opened.push({ workflowId: actionWorkflowId(id, 1) });
    await outcomes.of(id);
  });
  return {
    'floor.withdrawal': p50(bare),
    'withdrawal.paid': p50(times),
    'withdrawal.paid.p99': p99(times),
    'withdrawal.tasks': await tasksOf(bench, opened),
  };
}

async function mint(bench: Bench, count: number): Promise<{ hash: string; bolt11: string }[]> {
  const minted = [];
  for (let n = 0; n < count; n += 1) {
    const asked = { ...MEMO, amountMsat: toMsat(10_000n) };
    minted.push(await bench.wallets.createInvoice(PAYEE, asked));
  }
  return minted;
}

/** The calls that api and relay make for it, one after the other. */
async function bareCalls(bench: Bench, count: number): Promise<number[]> {
  const node = bareNode(bench);
  const invoices = await mint(bench, count);
  return oneByOne(count, async (n) => {
    const { hash = '', bolt11 = '' } = invoices[n] ?? {};
    await Promise.all([node.decode(bolt11), node.info()]);
    await node.lookupPayment(hash);
    await node.sendPayment({
      ...{ bolt11, expectedHash: hash, maxFeeMsat: toMsat(10_000n), giveUpSeconds: 30 },
    });
  });
}
