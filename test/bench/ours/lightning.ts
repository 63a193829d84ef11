import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { QuittanceClient } from '@quittance/sdk';
import { invoiceSubject } from '../../../domain/names/subjects.js';
import { lightningBinaries } from '../../../services/cli/servers/lightning/binaries.js';
import { lndConnect } from '../../../services/cli/servers/lightning/lnd-connect.js';
import {
  type LightningNetwork,
  startNetwork,
} from '../../../services/cli/servers/lightning/network.js';
import { payFrom, variablesFor } from '../../../services/cli/up/own-lnd.js';
import { Actors, type Opened } from '../actors.js';
import { Bench } from '../bench.js';
import { p50, p99 } from '../callers.js';
import { BareLnd } from '../floors/bare-lnd.js';
import type { Part, PreparedPart, Values } from '../part.js';
import { BETWEEN_MS, heldAt } from './hold.js';
import { Outcomes } from './outcomes.js';

const SATS = 100;
const AT_MOST = 60;

/** On real nodes: bob pays alice, who is ours, and carol is paid by her. */
export const lightning: Part = {
  name: 'lightning',
  figures: [
    { id: 'floor.lnd.hold', title: 'floor: npm lightning, held to settled, p50', unit: 'ms' },
    {
      ...{ id: 'lnd.hold', title: 'lnd: invoice held to PAID on NATS, p50', unit: 'ms' },
      floor: 'floor.lnd.hold',
      aim: { of: 'ratio', is: 'at most', bound: 1.3 },
    },
    { id: 'lnd.hold.p99', title: 'lnd: invoice held to PAID on NATS, p99', unit: 'ms' },
    {
      id: 'floor.lnd.wrapped',
      title: 'floor: npm lightning, wrapped, held to settled, p50',
      unit: 'ms',
    },
    {
      ...{ id: 'lnd.wrapped', title: 'lnd: wrapped payment held to PAID on NATS, p50', unit: 'ms' },
      floor: 'floor.lnd.wrapped',
      aim: { of: 'ratio', is: 'at most', bound: 1.3 },
    },
    { id: 'lnd.wrapped.p99', title: 'lnd: wrapped payment held to PAID on NATS, p99', unit: 'ms' },
    { id: 'lnd.ordinary', title: 'lnd: ordinary invoice settled to PAID on NATS, p50', unit: 'ms' },
  ],
  prepare: (bench) => prepare(bench),
};

async function prepare({ options }: Bench): Promise<PreparedPart> {
  const folder = await mkdtemp(join(tmpdir(), 'quittance-bench-lnd-'));
  const { signal } = new AbortController();
  const context = { env: process.env, report: options.report, signal };
  const network = await startNetwork(await lightningBinaries(context), {
    dataDir: folder,
    ...context,
  });
  // Beside the one on the simulated node, which is idle meanwhile.
  const own = await Bench.start({ ...options, realNode: await variablesFor(network) });
  const { apiUrl, operatorToken, nats } = own.parts;
  const actors = await Actors.create(apiUrl, operatorToken);
  const outcomes = new Outcomes(nats);
  const bare = await BareLnd.connect(network);
  const itemId = await postOfPayee(own, network);
  const on: On = { own, network, actors, outcomes, bare, itemId };
  await round(on, 3);
  return {
    round: () => round(on, Math.min(AT_MOST, options.sizes.quiet)),
    stop: async () => {
      outcomes.close();
      await own.stop();
      await network.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface On {
  readonly own: Bench;
  readonly network: LightningNetwork;
  readonly actors: Actors;
  readonly outcomes: Outcomes;
  readonly bare: BareLnd;
  readonly itemId: string;
}

async function round(on: On, count: number): Promise<Values> {
  const { actors, bare, itemId } = on;
  await actors.prepare(count);
  const times: Record<string, number[]> = {
    bareHold: [],
    bareWrapped: [],
    hold: [],
    wrapped: [],
    paid: [],
  };
  // In turns: what else the machine does hits all of them.
  for (let n = 0; n < count; n += 1) {
    times['bareHold']?.push(await bare.hold());
    times['hold']?.push(await heldToPaid(on, await actors.openAnonymousZap()));
    times['bareWrapped']?.push(await bare.wrapped());
    times['wrapped']?.push(await heldToPaid(on, await actors.openAnonymousZap(itemId, SATS)));
    times['paid']?.push(await settledToPaid(on, await actors.openZap()));
  }
  const of = (name: string): number[] => times[name] ?? [];
  return {
    ...{ 'floor.lnd.hold': p50(of('bareHold')), 'floor.lnd.wrapped': p50(of('bareWrapped')) },
    ...{ 'lnd.hold': p50(of('hold')), 'lnd.hold.p99': p99(of('hold')) },
    ...{ 'lnd.wrapped': p50(of('wrapped')), 'lnd.wrapped.p99': p99(of('wrapped')) },
    'lnd.ordinary': p50(of('paid')),
  };
}

async function heldToPaid({ own, network, outcomes }: On, opened: Opened): Promise<number> {
  await pause(BETWEEN_MS);
  const held = heldAt(own.parts.nats, opened);
  const paidAt = outcomes.of(opened.id);
  await payFrom(network.bob.channel, opened.bolt11);
  return (await paidAt) - (await held);
}

async function settledToPaid({ own, network, outcomes }: On, opened: Opened): Promise<number> {
  await pause(BETWEEN_MS);
  const settledAt = new Promise<number>((resolve) => {
    own.parts.nats.subscribe(invoiceSubject(opened.hash, 'settled'), {
      ...{ max: 1, callback: () => resolve(performance.now()) },
    });
  });
  const paidAt = outcomes.of(opened.id);
  await payFrom(network.bob.channel, opened.bolt11);
  return (await paidAt) - (await settledAt);
}

async function postOfPayee({ parts }: Bench, { carol }: LightningNetwork): Promise<string> {
  const { apiUrl: baseUrl, operatorToken } = parts;
  const operator = new QuittanceClient({ baseUrl, token: operatorToken });
  const { token = '' } = await operator.openAccount({ name: 'bench-payee' });
  await operator.grantCredits('bench-payee', { amountMsat: '10000000', reason: 'the bench' });
  const payee = new QuittanceClient({ baseUrl, token });
  await payee.setWallet({ kind: 'lnd', address: await lndConnect(carol), maxPending: null });
  const { action } = await payee.openAction({
    ...{ type: 'ITEM_CREATE', args: { title: 'Of a payee with a wallet' }, payment: 'credits' },
  });
  return action.result['itemId'] ?? '';
}
