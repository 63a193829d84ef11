import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { DemoSetup } from './setup.js';
import { expectThat } from './steps.js';
import { Intake, SimulatedStore } from './store-clients.js';

const PREFIX = 'demo-shop-';
/** A delivery may be so late; the demo waits for it. */
const GRACE_SECONDS = 1;
const POLL_MS = 200;
const CHECK_EVERY_MS = 1_000;
const LONGEST_MS = 30_000;

interface Shop {
  readonly store: SimulatedStore;
  readonly intake: Intake;
  readonly id: string;
}

/** What was done to the deliveries, by the incident that has to name the order. */
type Injected = Map<string, readonly string[]>;

/** A store that loses deliveries: everything lost is found and taken in, and nothing is made up. */
export async function storeWithLosses({ context, steps }: DemoSetup): Promise<void> {
  steps.scenario('A store that loses deliveries');
  const shop: Shop = {
    store: new SimulatedStore(context.storeUrl),
    intake: new Intake(context.apiUrl, context.operatorToken),
    id: `${PREFIX}${randomBytes(4).toString('hex')}`,
  };
  await steps.run('a store is added, with its four webhooks', () => addShop(shop));
  const injected = await steps.run(
    'it loses a “created”, an “updated” and its last order; a webhook is off, a signature wrong',
    () => loseSome(shop),
    (lost) => `${lost.size} kinds of loss`,
  );
  await steps.run(
    'each is found, with the right orders, and no other',
    () => allFound(shop, injected),
    (ms) => `within ${(ms / 1000).toFixed(1)} s`,
  );
  await steps.run(
    'every order is taken in, as it is in the store',
    () => allTakenIn(shop),
    (count) => `${count} orders`,
  );
  await steps.run('what was wrong is mended, and every incident is over', () => allOver(shop));
}

async function addShop({ store, intake, id }: Shop): Promise<void> {
  await intake.closeAll(PREFIX);
  await store.reset();
  const { webhooks } = await intake.add({
    ...{ id, url: store.url, name: 'Demo shop', zone: 'Europe/Berlin', createWebhooks: true },
    apiKey: { key: 'ck_simulated', secret: 'cs_simulated' },
    settings: { graceSeconds: GRACE_SECONDS, calmSeconds: 3 },
  });
  expectThat(webhooks?.created === 4 && webhooks.reached, 'the webhooks were not created');
  await nextSecond();
}

async function loseSome({ store }: Shop): Promise<Injected> {
  await store.place('processing');
  await store.place('checkout-draft');
  await store.takeIds(3);
  await settle(store);

  await store.faults({ topics: ['order.created'], loseNext: 1 });
  const unannounced = await store.place('processing');
  await settle(store);

  await store.faults();
  const stale = await store.place('pending');
  await settle(store);
  await nextSecond();
  await store.faults({ topics: ['order.updated'], loseNext: 1 });
  await store.pay(stale);
  await settle(store);

  await store.faults({ wrongSecret: true, topics: ['order.updated'] });
  await store.place('processing');
  await settle(store);

  await store.faults({ lose: 1 });
  const last = await store.place('processing');
  await settle(store);
  await store.faults();
  await store.switchWebhook('order.restored', 'disabled');
  return new Map([
    ['created_missing/created', [unannounced]],
    ['orders_lost/updates', [stale]],
    ['orders_lost/orders', [last]],
    ['bad_signature/webhook', []],
    ['webhook_off/webhook', []],
  ]);
}

/** A store's times are whole seconds: what happens from now on is later than what was. */
function nextSecond(): Promise<void> {
  return pause(1_100);
}

function settle(store: SimulatedStore): Promise<number> {
  return eventually('no delivery waits', () => store.quiet());
}

/** Gives after how many milliseconds. An incident that names another order, or of another kind, is made up. */
function allFound(shop: Shop, injected: Injected): Promise<number> {
  const { intake, id } = shop;
  return eventually('every loss has its incident', checking(shop), async () => {
    const found = await intake.incidents(id);
    const names = found.map(({ name }) => shortName(name));
    for (const [index, { orderIds }] of found.entries()) {
      const name = names[index] ?? '';
      const lost = injected.get(name);
      expectThat(lost !== undefined, `${name} was made up`);
      const others = orderIds.filter((orderId) => !lost.includes(orderId));
      expectThat(others.length === 0, `${name} names orders ${others.join(', ')}`);
    }
    return [...injected].every(([name, lost]) =>
      found.some((one, n) => names[n] === name && one.orderIds.length === lost.length),
    );
  });
}

/** Without the number of a webhook. */
function shortName(name: string): string {
  return name.replace(/(webhook)\/\d+$/, '$1');
}

async function allTakenIn({ store, intake, id }: Shop): Promise<number> {
  const truth = await store.orders();
  await eventually('the orders are the store’s', async () => {
    const ours = await intake.orders(id);
    return (
      ours.size === truth.size && [...truth].every(([order, status]) => ours.get(order) === status)
    );
  });
  return truth.size;
}

async function allOver(shop: Shop): Promise<void> {
  const { store, intake, id } = shop;
  await store.switchWebhook('order.restored', 'active');
  // A delivery with the right signature says that the secret is right again.
  await store.place('processing');
  await eventually('every incident is over', checking(shop), async () =>
    (await intake.incidents(id)).every(({ healed }) => healed),
  );
}

/** Asks for a look at the store, a second apart: it need not be waited for. */
function checking({ intake, id }: Shop): () => Promise<true> {
  let last = -Infinity;
  return async () => {
    if (performance.now() - last >= CHECK_EVERY_MS) {
      last = performance.now();
      await intake.checkNow(id);
    }
    return true;
  };
}

/** Waits until all are true. A condition that throws can no longer become true. */
async function eventually(
  what: string,
  ...conditions: readonly (() => Promise<boolean>)[]
): Promise<number> {
  const start = performance.now();
  for (;;) {
    let met = true;
    for (const condition of conditions) met &&= await condition();
    const ms = performance.now() - start;
    if (met) return ms;
    if (ms > LONGEST_MS) throw new Error(`it did not happen that ${what}`);
    await pause(POLL_MS);
  }
}
