import { randomBytes } from 'node:crypto';
import { SatelliteClient } from '../../services/cli/demo/satellite-client.js';
import { LightningError } from '../../adapters/lightning/port.js';
import type { Action, QuittanceClient } from '@quittance/sdk';
import { waitUntil } from '../support/wait-until.js';
import { type System, WALLET } from './system.helper.js';

/** What came of one story: the state it ended in. */
export type Outcome = string;

interface Cast {
  readonly author: QuittanceClient;
  readonly rich: QuittanceClient;
  readonly itemId: string;
}

type Story = (system: System, cast: Cast) => Promise<Outcome>;

const PATIENCE_MS = 90_000;

/** Pays as often as it takes: paying twice is one payment. False when it can be paid no more. */
function pay(system: System, bolt11: string): Promise<boolean> {
  return waitUntil(
    'the wallet has paid',
    () =>
      system.wallets.pay(WALLET, bolt11).then(
        () => ({ paid: true }),
        (error: unknown) => (wasRefused(error) ? { paid: false } : undefined),
      ),
    PATIENCE_MS,
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
    timeoutMs: PATIENCE_MS,
    until: (action) => action.state !== 'INVOICING',
  });
  const bolt11 = invoiced.attempts.at(-1)?.invoice?.bolt11;
  if (typeof bolt11 === 'string') await pay(system, bolt11);
  return (await client.waitForAction(opened.action.id, { ...access, timeoutMs: PATIENCE_MS }))
    .state;
}

const optimistic: Story = async (system, { author }) => {
  const title = `A post ${randomBytes(4).toString('hex')}`;
  return payAction(
    system,
    author,
    await author.openAction({ type: 'ITEM_CREATE', args: { title }, payment: 'invoice' }),
  );
};

const byCredits: Story = async (_system, { rich, itemId }) =>
  (await rich.openAction({ type: 'ZAP', args: { itemId, sats: 3 }, payment: 'credits' })).action
    .state;

const pessimistic: Story = async (system, { itemId }) => {
  const somebody = system.client();
  return payAction(
    system,
    somebody,
    await somebody.openAction({ type: 'ZAP', args: { itemId, sats: 2 } }),
  );
};

/** One whose order expired before it could be paid orders again. */
const transmission: Story = async (system) => {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    const status = await transmitOnce(system);
    if (status !== 'expired' || Date.now() > until) return status;
  }
};

async function transmitOnce(system: System): Promise<Outcome> {
  const satellite = new SatelliteClient(system.parts.apiUrl);
  const message = `message ${randomBytes(8).toString('hex')}`;
  // Without an idempotency key of its own, the peer's API opens one more order when an answer was lost.
  const placed = await waitUntil(
    'an order is placed',
    () => satellite.order(message, 2000).catch(() => undefined),
    PATIENCE_MS,
  );
  await pay(system, placed.lightning_invoice.payreq);
  return waitUntil(
    `order ${placed.uuid} is received`,
    async () => {
      const status = await satellite.get(placed).then(
        (order) => order.status,
        () => 'unknown',
      );
      return ENDS.includes(status) ? status : undefined;
    },
    PATIENCE_MS,
  );
}

const ENDS = ['received', 'cancelled', 'expired'];

const STORIES: readonly Story[] = [optimistic, byCredits, pessimistic, transmission];
const AT_ONCE = 6;

export interface Run {
  /** Resolves when a quarter of the stories are over: the others are in flight or to come. */
  readonly underWay: Promise<void>;
  /** How often each outcome came. */
  readonly done: Promise<Readonly<Record<Outcome, number>>>;
}

/** So many stories of all kinds, a few at a time; or one after the other for as long as `more` says. */
export async function tellStories(
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
  const cast: Cast = { author, rich: await system.account(`${name}-rich`, '10000000'), itemId };

  const outcomes: Record<Outcome, number> = {};
  let next = 0;
  let over = 0;
  let tellUnderWay: () => void = () => undefined;
  const underWay = new Promise<void>((resolve) => (tellUnderWay = resolve));
  const teller = async (): Promise<void> => {
    while (next < count || more()) {
      const story = STORIES[next % STORIES.length] ?? optimistic;
      next += 1;
      const outcome = await story(system, cast);
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      over += 1;
      if (over >= count / 4) tellUnderWay();
    }
  };
  const done = Promise.all(Array.from({ length: AT_ONCE }, teller)).then(() => outcomes);
  return { underWay, done };
}
