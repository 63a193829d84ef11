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
import type { Payees } from './payees.js';
import type { SeededRandom } from './seeded-random.js';

/** Asks for the outcome, possibly much later: the final state, or undefined if there is none yet or the answer is unavailable. */
type Ask = (signal: AbortSignal) => Promise<string | undefined>;

/** The steps of one client, and how it asks for the outcome later. */
interface Prepared {
  readonly run: () => Promise<string>;
  readonly ask: Ask;
}

/** A scenario that was interrupted by an error or a timeout: its outcome is still unknown. */
export interface Unfinished {
  readonly reason: string;
  readonly ask: Ask;
}

export interface ScenarioContext {
  readonly system: System;
  readonly random: SeededRandom;
  readonly author: QuittanceClient;
  readonly rich: QuittanceClient;
  readonly itemId: string;
  /** A post whose author is paid to wallets. */
  readonly payeeItemId: string;
  /** Has sats to withdraw. */
  readonly saver: QuittanceClient;
  readonly payees: Payees;
  /** Aborted when the scenario takes too long. */
  readonly signal: AbortSignal;
}

export type Scenario = (context: ScenarioContext) => Prepared;

/** What a client does with an invoice. */
const PAYERS = {
  pays: (context, bolt11) => pay(context, bolt11),
  paysTwice: async (context, bolt11) => {
    await Promise.allSettled([pay(context, bolt11), pay(context, bolt11)]);
  },
  paysTooMuch: (context, bolt11, amountMsat) => pay(context, bolt11, (amountMsat * 3n) / 2n),
  paysAtExpiry: async (context, bolt11) => {
    const before = context.random.between(-200, 700);
    await pause(EXPIRY_SECONDS * 1000 - before, undefined, { signal: context.signal });
    await pay(context, bolt11);
  },
  doesNotPay: () => Promise.resolve(),
} satisfies Record<
  string,
  (context: ScenarioContext, bolt11: string, amountMsat: bigint) => Promise<void>
>;

async function pay(
  { system }: ScenarioContext,
  bolt11: string,
  amountMsat?: bigint,
): Promise<void> {
  await system.wallets.pay(
    WALLET,
    bolt11,
    amountMsat === undefined ? undefined : toMsat(amountMsat),
  );
}

async function followAction(
  context: ScenarioContext,
  client: QuittanceClient,
  { action, capability }: OpenedAction,
): Promise<string> {
  const { random, signal } = context;
  const call = { signal, ...(capability === undefined ? {} : { capability }) };
  const cancels = random.chance(0.2);
  const cancelAfterMs = random.between(0, 1_500);
  const payer = PAYERS[pickPayer(random)];
  const retries = random.chance(0.5);
  const invoiced = await client.waitForAction(action.id, { ...call, until: isInvoiced });
  const invoice = invoiced.attempts.at(-1)?.invoice;
  // Of a wrapped one, which has the hash of its payee's.
  if (typeof invoice?.hash === 'string') await context.payees.meet(random, invoice.hash);
  await Promise.allSettled([
    typeof invoice?.bolt11 === 'string'
      ? payer(context, invoice.bolt11, BigInt(invoiced.costMsat))
      : undefined,
    cancels
      ? pause(cancelAfterMs, undefined, { signal }).then(() => client.cancelAction(action.id, call))
      : undefined,
  ]);
  const final = await client.waitForAction(action.id, call);
  if (final.state !== 'FAILED' || !retries) return final.state;
  const attempt = final.attempts.length;
  const retried = await client.retryAction(action.id, attempt, { payment: 'invoice' }, call);
  const bolt11 = retried.attempts.at(-1)?.invoice?.bolt11;
  if (typeof bolt11 === 'string') await pay(context, bolt11).catch(() => undefined);
  return `retried ${(await client.waitForAction(action.id, call)).state}`;
}

const isInvoiced = ({ state }: Action): boolean => state !== 'INVOICING' && state !== 'WRAPPING';

function pickPayer(random: SeededRandom): keyof typeof PAYERS {
  return random.weighted([
    [6, 'pays'],
    [2, 'paysTwice'],
    [2, 'paysTooMuch'],
    [1, 'paysAtExpiry'],
    [1, 'doesNotPay'],
  ]);
}

/** Every call uses the same idempotency key, so that an action whose answer was lost is found again. */
function openerOf(
  client: QuittanceClient,
  request: OpenActionRequest,
): (signal: AbortSignal) => Promise<OpenedAction> {
  const idempotencyKey = randomUUID();
  return (signal) => client.openAction(request, { signal, idempotencyKey });
}

export function prepareAction(
  context: ScenarioContext,
  client: QuittanceClient,
  request: OpenActionRequest,
): Prepared {
  const open = openerOf(client, request);
  return {
    run: async () => followAction(context, client, await open(context.signal)),
    ask: async (signal) => {
      const { state } = (await open(signal)).action;
      return FINAL.includes(state) ? state : undefined;
    },
  };
}

export const FINAL = ['PAID', 'FAILED'];

const post: Scenario = (context) => {
  const args = { title: `A post ${context.random.between(1, 1_000_000)}` };
  return prepareAction(context, context.author, { type: 'ITEM_CREATE', args, payment: 'invoice' });
};

const zapByCredits: Scenario = (context) => {
  const args = { itemId: context.itemId, sats: context.random.between(1, 5) };
  const prepared = prepareAction(context, context.rich, { type: 'ZAP', args, payment: 'credits' });
  // Paid before the answer.
  const run = async (): Promise<string> => `by credits ${await prepared.ask(context.signal)}`;
  return { ...prepared, run };
};

const BURST = 40;

/** Many payments at once, so that the relay applies them in batches. */
const burst: Scenario = (context) => {
  const { rich, signal } = context;
  // As many calls listen to it at once; this is not a leak.
  setMaxListeners(4 * BURST, signal);
  const openers = Array.from({ length: BURST }, () => {
    const args = { itemId: context.itemId, sats: context.random.between(1, 5) };
    return openerOf(rich, { type: 'ZAP', args, payment: 'invoice' });
  });
  const summary = (actions: readonly Action[]): string =>
    `burst ${[...new Set(actions.map(({ state }) => state))].sort().join(' and ')}`;
  return {
    run: async () => {
      const invoiced = await Promise.all(
        openers.map(async (open) => {
          const { action } = await open(signal);
          return rich.waitForAction(action.id, { signal, until: isInvoiced });
        }),
      );
      await Promise.allSettled(
        invoiced.map(async ({ attempts }) => {
          const bolt11 = attempts.at(-1)?.invoice?.bolt11;
          if (typeof bolt11 === 'string') await pay(context, bolt11);
        }),
      );
      return summary(
        await Promise.all(invoiced.map(({ id }) => rich.waitForAction(id, { signal }))),
      );
    },
    ask: async (askSignal) => {
      const opened = await Promise.all(openers.map((open) => open(askSignal)));
      const actions = opened.map(({ action }) => action);
      return actions.every(({ state }) => FINAL.includes(state)) ? summary(actions) : undefined;
    },
  };
};

const zapByAnonymous: Scenario = (context) => {
  const args = { itemId: context.itemId, sats: context.random.between(1, 5) };
  return prepareAction(context, context.system.client(), { type: 'ZAP', args });
};

/** The Satellite API has no idempotency key: an order whose answer was lost is placed again, and the first one is left to expire. */
const transmission: Scenario = (context) => {
  const { system, random } = context;
  const satellite = new SatelliteClient(system.parts.apiUrl);
  const message = 'x'.repeat(random.between(1, 400));
  const bid = random.between(5_000, 20_000);
  const cancels = random.chance(0.15);
  const pays = random.chance(0.85);
  let placed: PlacedOrder | undefined;
  const look = async (expected: readonly string[]): Promise<string | undefined> => {
    placed ??= await satellite.order(message, bid).catch(() => undefined);
    if (placed === undefined) return undefined;
    const status = await satellite.get(placed).then(
      (order) => order.status,
      () => 'unknown',
    );
    return expected.includes(status) ? status : undefined;
  };
  return {
    run: async () => {
      await untilSeen(context.signal, () => look(STATUSES));
      if (placed !== undefined)
        await Promise.allSettled([
          pays ? pay(context, placed.lightning_invoice.payreq) : undefined,
          cancels ? cancelOrder(context, placed) : undefined,
        ]);
      return untilSeen(context.signal, () => look(FINAL_STATUSES));
    },
    // If NATS lost the confirmations of receivers, the order stays in `sent`.
    ask: () => look([...FINAL_STATUSES, 'sent']),
  };
};

const FINAL_STATUSES = ['received', 'cancelled', 'expired'];
const STATUSES = ['pending', 'paid', 'transmitting', 'confirming', 'sent', ...FINAL_STATUSES];

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

async function cancelOrder({ system, signal }: ScenarioContext, order: PlacedOrder): Promise<void> {
  const headers = { 'X-Auth-Token': order.auth_token };
  const url = `${system.parts.apiUrl}/order/${order.uuid}`;
  await (await fetch(url, { method: 'DELETE', headers, signal })).body?.cancel();
}

/** Each with its weight. */
export type Scenarios = readonly (readonly [number, Scenario])[];

/** Payments of every flow, one each. */
export const ONE_PAYMENT: Scenarios = [
  [4, post],
  [2, zapByCredits],
  [4, zapByAnonymous],
  [4, transmission],
];

export const ALL_SCENARIOS: Scenarios = [...ONE_PAYMENT, [1, burst]];

/** Runs a random scenario and returns its outcome, or how to ask for it later. Never rejects. */
export async function runScenario(
  context: ScenarioContext,
  scenarios: Scenarios,
): Promise<string | Unfinished> {
  const { run, ask } = context.random.weighted(scenarios)(context);
  try {
    return await run();
  } catch (error) {
    return { reason: reasonOf(error), ask };
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof QuittanceError) return error.code;
  return error instanceof Error ? error.name : 'no reason';
}
