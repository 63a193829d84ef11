import { setTimeout as pause } from 'node:timers/promises';
import type { NatsConnection } from 'nats';
import { satsToMsat } from '../../../domain/money.js';
import { invoiceSubject } from '../../../domain/names/subjects.js';
import type { Opened } from '../actors.js';
import { p50, p99 } from '../callers.js';
import type { Part, Values } from '../part.js';
import { WALLET } from './flows.js';
import { terminateWorkflows } from './idle-wait.js';
import { openQuietly, prepareRounds, type Round } from './open-and-pay.js';

/** Long enough for the woken workflow to end. */
export const BETWEEN_MS = 50;

/** From the node's word that a payment is held, on JetStream, to the event that the action is paid. */
export const hold: Part = {
  name: 'hold',
  figures: [
    {
      id: 'hold.update',
      title: 'invoice held to PAID on NATS, p50',
      unit: 'ms',
      floor: ['zap.update', 'floor.node.settle'],
      aim: { of: 'ratio', is: 'at most', bound: 1.5 },
    },
    { id: 'hold.update.p99', title: 'invoice held to PAID on NATS, p99', unit: 'ms' },
  ],
  async prepare(bench) {
    await bench.wallets.open(WALLET, satsToMsat(1_000_000_000n));
    return prepareRounds(bench, { quiet: 50, burst: 0, updates: 0 }, holdRound);
  },
};

async function holdRound(round: Round): Promise<Values> {
  const { bench, actors, outcomes, sizes } = round;
  await actors.prepare(sizes.quiet);
  const times: number[] = [];
  for (const one of await openQuietly(round, () => actors.openAnonymousZap())) {
    await pause(BETWEEN_MS);
    const held = heldAt(bench.parts.nats, one);
    const paidAt = outcomes.of(one.id);
    await bench.wallets.pay(WALLET, one.bolt11);
    times.push((await paidAt) - (await held));
  }
  await terminateWorkflows(bench);
  return { 'hold.update': p50(times), 'hold.update.p99': p99(times) };
}

/** When the watcher's message that the invoice is held was published, by performance.now(). */
export function heldAt(nats: NatsConnection, { hash }: Opened): Promise<number> {
  return new Promise((resolve) => {
    nats.subscribe(invoiceSubject(hash, 'held'), {
      max: 1,
      callback: () => resolve(performance.now()),
    });
  });
}
