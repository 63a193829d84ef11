import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { type PlacedOrder, SatelliteClient } from '../../../services/cli/demo/satellite-client.js';
import {
  type Action,
  type OpenActionRequest,
  type OpenedAction,
  type QuittanceClient,
  QuittanceError,
} from '@quittance/sdk';
import { toMsat } from '../../../domain/money.js';
import { type System, WALLET } from '../../e2e/system.helper.js';
import { EXPIRY_SECONDS } from './environment.js';
import type { Dice } from './dice.js';

/** Looks once more, long after: the state it ended in, or undefined when it is not over, or cannot be seen. */
type Ask = (signal: AbortSignal) => Promise<string | undefined>;

/** What one person wants, and how that person would learn later what became of it. */
interface Tale {
  readonly play: () => Promise<string>;
  readonly ask: Ask;
}

/** A story whose teller was cut off in the storm: its end is still to be learned. */
export interface Untold {
  readonly why: string;
  readonly ask: Ask;
}

export interface Stage {
  readonly system: System;
  readonly dice: Dice;
  readonly author: QuittanceClient;
  readonly rich: QuittanceClient;
  readonly itemId: string;
  /** Aborted when the story has taken too long, whatever has become of it. */
  readonly signal: AbortSignal;
}

type Story = (stage: Stage) => Tale;

/** What a person does with an invoice. */
const PAYERS = {
  pays: (stage, bolt11) => pay(stage, bolt11),
  paysTwice: async (stage, bolt11) => {
    await Promise.allSettled([pay(stage, bolt11), pay(stage, bolt11)]);
  },
  paysTooMuch: (stage, bolt11, amountMsat) => pay(stage, bolt11, (amountMsat * 3n) / 2n),
  paysAtTheLastMoment: async (stage, bolt11) => {
    const before = stage.dice.between(-200, 700);
    await pause(EXPIRY_SECONDS * 1000 - before, undefined, { signal: stage.signal });
    await pay(stage, bolt11);
  },
  forgets: () => Promise.resolve(),
} satisfies Record<string, (stage: Stage, bolt11: string, amountMsat: bigint) => Promise<void>>;

async function pay({ system }: Stage, bolt11: string, amountMsat?: bigint): Promise<void> {
  await system.wallets.pay(
    WALLET,
    bolt11,
    amountMsat === undefined ? undefined : toMsat(amountMsat),
  );
}

async function followAction(
  stage: Stage,
  client: QuittanceClient,
  { action, capability }: OpenedAction,
): Promise<string> {
  const { dice, signal } = stage;
  const call = { signal, ...(capability === undefined ? {} : { capability }) };
  const cancels = dice.chance(0.2);
  const cancelAfterMs = dice.between(0, 1_500);
  const payer = PAYERS[pickPayer(dice)];
  const retries = dice.chance(0.5);
  const invoiced = await client.waitForAction(action.id, { ...call, until: isInvoiced });
  const invoice = invoiced.attempts.at(-1)?.invoice;
  await Promise.allSettled([
    typeof invoice?.bolt11 === 'string'
      ? payer(stage, invoice.bolt11, BigInt(invoiced.costMsat))
      : undefined,
    cancels
      ? pause(cancelAfterMs, undefined, { signal }).then(() => client.cancelAction(action.id, call))
      : undefined,
  ]);
  const over = await client.waitForAction(action.id, call);
  if (over.state !== 'FAILED' || !retries) return over.state;
  const attempt = over.attempts.length;
  const again = await client.retryAction(action.id, attempt, { payment: 'invoice' }, call);
  const bolt11 = again.attempts.at(-1)?.invoice?.bolt11;
  if (typeof bolt11 === 'string') await pay(stage, bolt11).catch(() => undefined);
  return `retried ${(await client.waitForAction(action.id, call)).state}`;
}

const isInvoiced = (action: Action): boolean => action.state !== 'INVOICING';

function pickPayer(dice: Dice): keyof typeof PAYERS {
  return dice.weighted([
    [6, 'pays'],
    [2, 'paysTwice'],
    [2, 'paysTooMuch'],
    [1, 'paysAtTheLastMoment'],
    [1, 'forgets'],
  ]);
}

/** Opening is asked again with the same key: what was opened, if its answer was lost, is found by it. */
function opening(
  client: QuittanceClient,
  request: OpenActionRequest,
): (signal: AbortSignal) => Promise<OpenedAction> {
  const idempotencyKey = randomUUID();
  return (signal) => client.openAction(request, { signal, idempotencyKey });
}

function actionTale(stage: Stage, client: QuittanceClient, request: OpenActionRequest): Tale {
  const open = opening(client, request);
  return {
    play: async () => followAction(stage, client, await open(stage.signal)),
    ask: async (signal) => {
      const { state } = (await open(signal)).action;
      return OVER.includes(state) ? state : undefined;
    },
  };
}

const OVER = ['PAID', 'FAILED'];

const post: Story = (stage) => {
  const args = { title: `A post ${stage.dice.between(1, 1_000_000)}` };
  return actionTale(stage, stage.author, { type: 'ITEM_CREATE', args, payment: 'invoice' });
};

const zapByCredits: Story = (stage) => {
  const args = { itemId: stage.itemId, sats: stage.dice.between(1, 5) };
  const tale = actionTale(stage, stage.rich, { type: 'ZAP', args, payment: 'credits' });
  // Paid before it is answered.
  const play = async (): Promise<string> => `by credits ${await tale.ask(stage.signal)}`;
  return { ...tale, play };
};

const RUSH = 40;

/** Many pay at one moment: what waits for a relay is applied together. */
const rush: Story = (stage) => {
  const { rich, signal } = stage;
  // As many calls wait at once: no leak.
  setMaxListeners(4 * RUSH, signal);
  const openings = Array.from({ length: RUSH }, () => {
    const args = { itemId: stage.itemId, sats: stage.dice.between(1, 5) };
    return opening(rich, { type: 'ZAP', args, payment: 'invoice' });
  });
  const told = (actions: readonly Action[]): string =>
    `rush ${[...new Set(actions.map(({ state }) => state))].sort().join(' and ')}`;
  return {
    play: async () => {
      const invoiced = await Promise.all(
        openings.map(async (open) => {
          const { action } = await open(signal);
          return rich.waitForAction(action.id, { signal, until: isInvoiced });
        }),
      );
      await Promise.allSettled(
        invoiced.map(async ({ attempts }) => {
          const bolt11 = attempts.at(-1)?.invoice?.bolt11;
          if (typeof bolt11 === 'string') await pay(stage, bolt11);
        }),
      );
      return told(await Promise.all(invoiced.map(({ id }) => rich.waitForAction(id, { signal }))));
    },
    ask: async (asked) => {
      const opened = await Promise.all(openings.map((open) => open(asked)));
      const actions = opened.map(({ action }) => action);
      return actions.every(({ state }) => OVER.includes(state)) ? told(actions) : undefined;
    },
  };
};

const zapByAnonymous: Story = (stage) => {
  const args = { itemId: stage.itemId, sats: stage.dice.between(1, 5) };
  return actionTale(stage, stage.system.client(), { type: 'ZAP', args });
};

/** Without a key of its own, an order whose answer was lost is placed anew: nobody knows of the first. */
const transmission: Story = (stage) => {
  const { system, dice } = stage;
  const satellite = new SatelliteClient(system.parts.apiUrl);
  const message = 'x'.repeat(dice.between(1, 400));
  const bid = dice.between(5_000, 20_000);
  const cancels = dice.chance(0.15);
  const pays = dice.chance(0.85);
  let placed: PlacedOrder | undefined;
  const look = async (ends: readonly string[]): Promise<string | undefined> => {
    placed ??= await satellite.order(message, bid).catch(() => undefined);
    if (placed === undefined) return undefined;
    const status = await satellite.get(placed).then(
      (order) => order.status,
      () => 'unknown',
    );
    return ends.includes(status) ? status : undefined;
  };
  return {
    play: async () => {
      await untilSeen(stage.signal, () => look(STATUSES));
      if (placed !== undefined)
        await Promise.allSettled([
          pays ? pay(stage, placed.lightning_invoice.payreq) : undefined,
          cancels ? cancelOrder(stage, placed) : undefined,
        ]);
      return untilSeen(stage.signal, () => look(ENDS));
    },
    // Receivers may not be heard any more, if NATS has lost what they said.
    ask: () => look([...ENDS, 'sent']),
  };
};

const ENDS = ['received', 'cancelled', 'expired'];
const STATUSES = ['pending', 'paid', 'transmitting', 'confirming', 'sent', ...ENDS];

async function untilSeen(
  signal: AbortSignal,
  look: () => Promise<string | undefined>,
): Promise<string> {
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await pause(LOOK_EVERY_MS, undefined, { signal });
  }
}

const LOOK_EVERY_MS = 250;

async function cancelOrder({ system, signal }: Stage, order: PlacedOrder): Promise<void> {
  const headers = { 'X-Auth-Token': order.auth_token };
  const url = `${system.parts.apiUrl}/order/${order.uuid}`;
  await (await fetch(url, { method: 'DELETE', headers, signal })).body?.cancel();
}

const STORIES: readonly (readonly [number, Story])[] = [
  [4, post],
  [2, zapByCredits],
  [4, zapByAnonymous],
  [1, rush],
  [4, transmission],
];

/** One story, whatever it may be: how it ended, or how to learn that later. Never rejects. */
export async function tellOne(stage: Stage): Promise<string | Untold> {
  const { play, ask } = stage.dice.weighted(STORIES)(stage);
  try {
    return await play();
  } catch (error) {
    return { why: reasonOf(error), ask };
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof QuittanceError) return error.code;
  return error instanceof Error ? error.name : 'no reason';
}
