import type { Pool } from 'pg';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { StoreClient } from '../../../../adapters/woocommerce/client/store-client.js';
import { STORE_CHECKS } from '../../../../domain/intake/store-step.js';
import { runTask } from '../../../../engine/intake/checks/run-task.js';
import type { IntakeContext } from '../../../../engine/intake/context.js';
import { applyLeftEvents } from '../../../../engine/intake/events/left-events.js';
import { derivedStoreKeys } from '../../../../engine/stored-secrets.js';
import { createWebhooks } from '../../../../engine/intake/stores/create-webhooks.js';
import { openStore } from '../../../../engine/intake/stores/open-store.js';
import { connectTo, readStore } from '../../../../engine/intake/stores/store.js';
import { webhooksPlugin } from '../../../../services/api/webhooks/plugin.js';
import { StoreControl } from '../../../../simulators/store/control-client.js';
import { type RunningSimulator, startStore } from '../../../../simulators/store/start-store.js';
import { migratedDatabase, testPool } from '../../../support/empty-database.js';

const STORE = 'shop';
const HOURS = 4;
const ORDERS_AN_HOUR = 10;

let simulator: RunningSimulator;
let control: StoreControl;
let database: Awaited<ReturnType<typeof migratedDatabase>>;
let pool: Pool;
let app: FastifyInstance;
let context: IntakeContext;

beforeAll(async () => {
  simulator = await startStore({ host: '127.0.0.1', port: 0 });
  control = new StoreControl(simulator.url);
  await control.reset({ at: '2026-03-02T09:00:00Z', queueSeconds: { min: 1, max: 5 } });
  database = await migratedDatabase();
  pool = testPool(database.url, 8);
  app = Fastify({ forceCloseConnections: true });
  const publicUrl = await startDoor();
  expect(publicUrl).toBe(context.publicUrl);
});
afterAll(async () => {
  await app.close();
  await simulator.stop();
  await pool.end();
  await database.drop();
});

/** Its address is part of the context, which is known once it listens. */
async function startDoor(): Promise<string> {
  const clients = new Map<string, StoreClient>();
  const intake = {
    pool,
    keys: derivedStoreKeys('a secret for tests'),
    outboxChanged: () => undefined,
    connect: ({ id, url }, key) => {
      const client = clients.get(id) ?? new StoreClient({ url, ...key, timeoutMs: 5_000 });
      clients.set(id, client);
      return client;
    },
    publicUrl: '',
  } satisfies IntakeContext;
  await app.register(webhooksPlugin(intake));
  const publicUrl = await app.listen({ host: '127.0.0.1', port: 0 });
  context = { ...intake, publicUrl };
  return publicUrl;
}

async function runChecks(): Promise<void> {
  // The store's clock stands still until it is moved on; ours is set to it.
  const { now } = await control.state();
  await pool.query(
    `update stores set clock_store_at = $2, clock_database_at = clock_timestamp() where id = $1`,
    [STORE, now],
  );
  while ((await applyLeftEvents(context, STORE, 0)) > 0);
  for (const task of [...STORE_CHECKS, 'gaps'] as const) await runTask(context, STORE, task);
}

/** An hour of a store: orders that are paid or not, posts, drafts, something in the trash. */
async function liveAnHour(hour: number): Promise<void> {
  for (let n = 0; n < ORDERS_AN_HOUR; n += 1) {
    const id = await control.place({ status: n === 3 ? 'checkout-draft' : 'pending' });
    await control.advance(60);
    if (n === 3) continue;
    if (n % 2 === 0) await control.change(id, { change: 'pay' });
    await control.advance(60);
    if (n === 4) await control.change(id, { change: 'status', status: 'completed' });
    if (n === 5) await control.change(id, { change: 'trash' });
    if (n === 6) await control.takeIds(hour === 2 ? 80_000 : 3);
    await control.advance(60);
  }
  await control.drain();
  await control.advance(600);
}

const findings = async (what: string): Promise<string[]> => {
  const { rows } = await pool.query<{ id: string }>(
    `select distinct order_id::text as id from store_order_trail where store = $1 and what = $2 order by 1`,
    [STORE, what],
  );
  return rows.map(({ id }) => id);
};

it('a day with losses: all of them are found, and none is made up', async () => {
  const { now } = await control.state();
  await openStore(context, {
    ...{ id: STORE, url: simulator.url, name: 'Shop', zone: 'Europe/Berlin', secrets: [] },
    apiKey: { key: 'ck_simulated', secret: 'cs_simulated' },
    settings: { graceSeconds: 0 },
    clock: { rate: 1, storeAt: now },
  });
  const api = connectTo(context, await readStore(pool, STORE));
  if (api === undefined) throw new Error('the store has a key');
  expect(await createWebhooks(context, STORE, api)).toMatchObject({ created: 4, reached: true });
  await control.advance(10);
  for (let hour = 0; hour < HOURS; hour += 1) {
    await control.setFaults({
      seed: hour + 1,
      deliveries: { lose: 0.1, double: 0.1, reorder: 0.1, burst: { probability: 0.02, length: 6 } },
    });
    await liveAnHour(hour);
    await runChecks();
  }
  const truth = (await control.orders()).filter(({ status }) => status !== 'trash');
  const { rows } = await pool.query<{ id: string; status: string }>(
    `select order_id::text as id, status from store_orders where store = $1 and status <> 'trash' order by order_id`,
    [STORE],
  );
  expect(rows).toEqual(truth.map(({ id, status }) => ({ id: String(id), status })));

  const deliveries = await control.deliveries();
  const heard = (id: bigint, topic?: string): boolean =>
    deliveries.some(
      (one) =>
        one.outcome === 'answered' && one.orderId === id && (topic ?? one.topic) === one.topic,
    );
  const placed = truth.filter(({ status }) => status !== 'checkout-draft');
  const lost = placed.filter(({ id }) => !heard(id));
  const unannounced = placed.filter(({ id }) => heard(id) && !heard(id, 'order.created'));
  expect(lost.length).toBeGreaterThan(0);
  expect(unannounced.length).toBeGreaterThan(0);
  expect(await findings('lost')).toEqual(lost.map(({ id }) => String(id)).sort());
  expect(await findings('created_missing')).toEqual(unannounced.map(({ id }) => String(id)).sort());
  const lossesOf = new Set(
    deliveries.filter(({ outcome }) => outcome === 'lost').map(({ orderId }) => String(orderId)),
  );
  for (const id of await findings('update_lost')) expect(lossesOf).toContain(id);
  const kinds = await pool.query<{ kind: string }>(
    `select distinct kind from incidents where store = $1 and healed_at is null order by 1`,
    [STORE],
  );
  expect(kinds.rows.map(({ kind }) => kind)).toEqual(['created_missing', 'orders_lost']);
});
