import { setTimeout as pause } from 'node:timers/promises';
import type { LightningPort } from '../../../adapters/lightning/port.js';
import { percentOf, satsToMsat, toMsat } from '../../../domain/money.js';
import { oneByOne, p50, p99 } from '../callers.js';
import type { Bench } from '../bench.js';
import type { Part, Values } from '../part.js';
import { WALLET } from './flows.js';
import { BETWEEN_MS, heldAt } from './hold.js';
import { tasksFigure, tasksOf } from './histories.js';
import { terminateWorkflows } from './idle-wait.js';
import { openQuietly, prepareRounds, type Round } from './open-and-pay.js';
import { bareNode, MEMO, PAYEE, postOfPayee } from './payee.js';

/** Of less, routing would cost more than its budget. */
const SATS = 100;
const PAYEE_MSAT = percentOf(satsToMsat(BigInt(SATS)), 70n);

/** From the node's word that a payment is held to the event that the action is paid: the payee is paid and the hold settled between. */
export const wrapped: Part = {
  name: 'wrapped',
  figures: [
    { id: 'floor.wrapped', title: "floor: a wrapped payment's calls to the node, p50", unit: 'ms' },
    {
      id: 'wrapped.update',
      title: 'wrapped payment held to PAID on NATS, p50',
      unit: 'ms',
      floor: 'floor.wrapped',
      aim: { of: 'ratio', is: 'at most', bound: 1.3 },
    },
    { id: 'wrapped.update.p99', title: 'wrapped payment held to PAID on NATS, p99', unit: 'ms' },
    tasksFigure('wrapped'),
  ],
  async prepare(bench) {
    await bench.wallets.open(WALLET, satsToMsat(1_000_000_000n));
    const itemId = await postOfPayee(bench);
    const run = (round: Round): Promise<Values> => wrappedRound(round, itemId);
    return prepareRounds(bench, { quiet: 20, burst: 0, updates: 0 }, run);
  },
};

async function wrappedRound(round: Round, itemId: string): Promise<Values> {
  const { bench, actors, outcomes, sizes } = round;
  await actors.prepare(1);
  const bare = await bareCalls(bench, sizes.quiet);
  const times: number[] = [];
  const opened = await openQuietly(round, () => actors.openAnonymousZap(itemId, SATS));
  for (const one of opened) {
    await pause(BETWEEN_MS);
    const held = heldAt(bench.parts.nats, one);
    const paidAt = outcomes.of(one.id);
    await bench.wallets.pay(WALLET, one.bolt11);
    times.push((await paidAt) - (await held));
  }
  await refuseOthers(bench, itemId);
  const tasks = await tasksOf(bench, opened);
  await terminateWorkflows(bench);
  return {
    'floor.wrapped': p50(bare),
    'wrapped.update': p50(times),
    'wrapped.update.p99': p99(times),
    'wrapped.tasks': tasks,
  };
}

/** What was paid in credits would have been measured for nothing. */
async function refuseOthers({ parts: { pool } }: Bench, itemId: string): Promise<void> {
  const { rows } = await pool.query(
    `select from attempts a join zaps z using (action_id) where z.item_id = $1 and a.flow <> 'wrapped'`,
    [itemId],
  );
  if (rows.length > 0) throw new Error(`${rows.length} zaps were not wrapped`);
}

/** The calls that a relay makes for it, in its order: look up beside the height, send, look up, settle. */
async function bareCalls(bench: Bench, count: number): Promise<number[]> {
  const node: LightningPort = bareNode(bench);
  const held: { readonly hash: string; readonly bolt11: string }[] = [];
  for (let n = 0; n < count; n += 1) {
    const minted = await bench.wallets.createInvoice(PAYEE, {
      ...MEMO,
      amountMsat: PAYEE_MSAT,
    });
    const { hash, bolt11 } = minted;
    const amountMsat = satsToMsat(BigInt(SATS));
    const hold = await node.createInvoice({ ...MEMO, kind: 'hold', hash, amountMsat });
    await bench.wallets.pay(WALLET, hold.bolt11);
    held.push({ hash, bolt11 });
  }
  return oneByOne(count, async (n) => {
    const { hash = '', bolt11 = '' } = held[n] ?? {};
    await Promise.all([node.lookupInvoice(hash), node.info()]);
    const { preimage = '' } = await node.sendPayment({
      ...{ bolt11, expectedHash: hash, maxFeeMsat: toMsat(2_000n), giveUpSeconds: 30 },
    });
    await node.lookupInvoice(hash);
    await node.settleInvoice(preimage);
  });
}
