import { randomBytes } from 'node:crypto';
import { SatelliteClient } from '../../services/cli/demo/satellite-client.js';
import { LightningError } from '../../adapters/lightning/port.js';
import type { Action, QuittanceClient } from '@quittance/sdk';
import { waitUntil } from '../support/wait-until.js';
import { type System, WALLET } from './system.helper.js';

/** The final state of a scenario. */
export type Outcome = string;

interface Actors {
  readonly author: QuittanceClient;
  readonly rich: QuittanceClient;
  readonly itemId: string;
}

type Scenario = (system: System, actors: Actors) => Promise<Outcome>;

const TIMEOUT_MS = 90_000;

/** Retries until the payment succeeds; an invoice is paid only once. False when the invoice can no longer be paid. */
function pay(system: System, bolt11: string): Promise<boolean> {
  return waitUntil(
    'the wallet has paid',
    () =>
      system.wallets.pay(WALLET, bolt11).then(
        () => ({ paid: true }),
        (error: unknown) => (wasRefused(error) ? { paid: false } : undefined),
      ),
    TIMEOUT_MS,
  ).then(({ paid }) => paid);
}

function wasRefused(error: unknown): boolean {
  return error instanceof LightningError && error.kind === 'refused';
}

async function payAction(
  system: System,
  client: QuittanceClient,
  opened: { action: Action; capability?: string },
): Promise<Outcome> {
  const access = opened.capability === undefined ? {} : { capability: opened.capability };
  const invoiced = await client.waitForAction(opened.action.id, {
    ...access,
    timeoutMs: TIMEOUT_MS,
    until: (action) => action.state !== 'INVOICING',
  });
  const bolt11 = invoiced.attempts.at(-1)?.invoice?.bolt11;
  if (typeof bolt11 === 'string') await pay(system, bolt11);
  return (await client.waitForAction(opened.action.id, { ...access, timeoutMs: TIMEOUT_MS })).state;
}

const optimistic: Scenario = async (system, { author }) => {
  const title = `A post ${randomBytes(4).toString('hex')}`;
  return payAction(
    system,
    author,
    await author.openAction({ type: 'ITEM_CREATE', args: { title }, payment: 'invoice' }),
  );
};

const byCredits: Scenario = async (_system, { rich, itemId }) =>
  (await rich.openAction({ type: 'ZAP', args: { itemId, sats: 3 }, payment: 'credits' })).action
    .state;

const pessimistic: Scenario = async (system, { itemId }) => {
  const anonymous = system.client();
  return payAction(
    system,
    anonymous,
    await anonymous.openAction({ type: 'ZAP', args: { itemId, sats: 2 } }),
  );
};

/** Places another order if the first one expires before it is paid. */
const transmission: Scenario = async (system) => {
  const until = Date.now() + TIMEOUT_MS;
  for (;;) {
    const status = await transmitOnce(system);
    if (status !== 'expired' || Date.now() > until) return status;
  }
};

async function transmitOnce(system: System): Promise<Outcome> {
  const satellite = new SatelliteClient(system.parts.apiUrl);
  const message = `message ${randomBytes(8).toString('hex')}`;
  // The Satellite API has no idempotency key: when an answer is lost, this places another order.
  const placed = await waitUntil(
    'an order is placed',
    () => satellite.order(message, 2000).catch(() => undefined),
    TIMEOUT_MS,
  );
  await pay(system, placed.lightning_invoice.payreq);
  return waitUntil(
    `order ${placed.uuid} is received`,
    async () => {
      const status = await satellite.get(placed).then(
        (order) => order.status,
        () => 'unknown',
      );
      return FINAL_STATUSES.includes(status) ? status : undefined;
    },
    TIMEOUT_MS,
  );
}

const FINAL_STATUSES = ['received', 'cancelled', 'expired'];

const SCENARIOS: readonly Scenario[] = [optimistic, byCredits, pessimistic, transmission];
const CLIENTS = 6;

export interface Run {
  /** Resolves when a quarter of the scenarios has ended: the others are in flight or not started. */
  readonly underWay: Promise<void>;
  /** Number of scenarios by outcome. */
  readonly done: Promise<Readonly<Record<Outcome, number>>>;
}

/** Runs `count` scenarios of all kinds, six at a time, and further ones while `more` returns true. */
export async function runScenarios(
  system: System,
  name: string,
  count: number,
  more: () => boolean = () => false,
): Promise<Run> {
  const author = await system.account(`${name}-author`);
  const opened = await author.openAction({
    type: 'ITEM_CREATE',
    args: { title: 'Zap this' },
    payment: 'invoice',
  });
  await payAction(system, author, opened);
  const { itemId = '' } = (await author.getAction(opened.action.id)).result;
  const actors: Actors = { author, rich: await system.account(`${name}-rich`, '10000000'), itemId };

  const outcomes: Record<Outcome, number> = {};
  let next = 0;
  let ended = 0;
  let resolveUnderWay: () => void = () => undefined;
  const underWay = new Promise<void>((resolve) => (resolveUnderWay = resolve));
  const client = async (): Promise<void> => {
    while (next < count || more()) {
      const scenario = SCENARIOS[next % SCENARIOS.length] ?? optimistic;
      next += 1;
      const outcome = await scenario(system, actors);
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      ended += 1;
      if (ended >= count / 4) resolveUnderWay();
    }
  };
  const done = Promise.all(Array.from({ length: CLIENTS }, client)).then(() => outcomes);
  return { underWay, done };
}
