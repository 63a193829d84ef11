import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  addSecret,
  readSecrets,
  rotateSecrets,
} from '../../../../engine/intake/stores/webhook-secrets.js';
import { IntakeFixture, SECRET, type TestStore } from './fixture.helper.js';

let fixture: IntakeFixture;
beforeAll(async () => {
  fixture = await IntakeFixture.start();
});
afterAll(() => fixture.close());

let stores = 0;
const newStore = (options?: Parameters<IntakeFixture['store']>[1]): Promise<TestStore> =>
  fixture.store(`shop-${(stores += 1)}`, options);

/** The webhooks that a store should have, so that nothing is said of them. */
const withWebhooks = (store: TestStore): TestStore => {
  store.api.webhookList = ['created', 'updated', 'deleted', 'restored'].map((event, n) => ({
    ...{ id: BigInt(n + 1), name: event, status: 'active', topic: `order.${event}` },
    deliveryUrl: `https://quittance.example/v1/stores/${store.id}/webhooks`,
  }));
  return store;
};

describe('the door', () => {
  it('acknowledges whatever is signed, and keeps it once', async () => {
    const store = await newStore();
    const folder = new URL('../../../vectors/woocommerce/', import.meta.url).pathname;
    const bodies = readdirSync(folder).map((name) => readFileSync(folder + name));
    const large = Buffer.alloc(5 * 1024 * 1024, ' ');
    for (const body of [...bodies, large, Buffer.from([0, 255, 1])]) {
      expect(await store.deliver('order.updated', body)).toBe(200);
    }
    expect(await store.deliver('product.updated', '{}')).toBe(200);
    await store.apply();
    const outcomes = await store.outcomes();
    expect(outcomes).toHaveLength(19);
    expect(outcomes.filter((outcome) => outcome === 'applied')).toHaveLength(10);
    expect(outcomes.slice(-3)).toEqual(['not_json', 'not_json', 'other_topic']);
    expect(Object.keys(await store.incidents())).toEqual(['store_errors/webhook/7']);
  });

  it('keeps one of the same delivery, and both of two with one id', async () => {
    const store = await newStore();
    const headers = (topic: string) => ({
      'x-wc-webhook-topic': topic,
      'x-wc-webhook-signature': 'ha0+mtkEuNjhXrVwLKK9FmsxjJf1t3GlCaWRknlSzU4=',
    });
    expect(await store.post('{"id":205}', headers('order.deleted'))).toBe(401);
    await addSecret(fixture.pool, fixture.context.keys, {
      store: store.id,
      topic: '*',
      secret: 'secret',
    });
    for (const topic of ['order.deleted', 'order.deleted', 'order.updated']) {
      expect(await store.post('{"id":205}', headers(topic))).toBe(200);
    }
    expect(await store.outcomes()).toHaveLength(2);
    // The first was refused before, and counts now.
    expect(await store.apply()).toBe(2);
  });

  it('answers a ping with 200, and a wrong signature with 401 and an incident', async () => {
    const store = await newStore();
    expect(
      await store.post('webhook_id=12', { 'content-type': 'application/x-www-form-urlencoded' }),
    ).toBe(200);
    expect(await store.outcomes()).toEqual([]);
    expect(await store.deliver('order.updated', store.body({ id: 1n }), 'wrong')).toBe(401);
    expect(await store.incidents()).toEqual({ 'bad_signature/unknown webhook': [] });
    expect(await store.apply()).toBe(0);
  });

  it('never answers 5xx', async () => {
    const store = await newStore();
    const value = fc.string({ unit: fc.constantFrom(...'abcXYZ019 .*>/-_%é') });
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 200 }),
        value,
        value,
        async (bytes, topic, path) => {
          const status = await store.post(
            Buffer.from(bytes),
            { 'x-wc-webhook-topic': encodeURIComponent(topic) },
            `/${encodeURIComponent(path)}`,
          );
          expect(status).toBeLessThan(500);
          await store.deliver(`order.${encodeURIComponent(topic)}`, Buffer.from(bytes));
        },
      ),
      { numRuns: 40 },
    );
    await store.apply();
    expect((await store.outcomes()).filter((outcome) => outcome === 'applied')).toEqual([]);
  });
});

describe('orders', () => {
  it('end as the newest snapshot says, in whatever order they come', async () => {
    const store = await newStore();
    const statuses = ['pending', 'processing', 'completed', 'own-status'];
    let id = 100n;
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray([0, 1, 2, 3], { minLength: 1 }),
        fc.nat(3),
        async (order, again) => {
          id += 1n;
          for (const n of [...order, order[again % order.length] ?? 0]) {
            await store.deliver(
              'order.updated',
              store.body({ id, status: statuses[n] ?? '', modified: 60 + n }),
            );
          }
          await store.apply();
          expect((await store.statuses())[String(id)]).toBe(statuses[Math.max(...order)]);
          const { rows } = await fixture.pool.query<{ open: number; twice: number }>(
            `select count(*) filter (where left_at is null)::int as open, count(*)::int - count(distinct status)::int as twice
             from store_order_steps where store = $1 and order_id = $2`,
            [store.id, id],
          );
          expect(rows).toEqual([{ open: 1, twice: 0 }]);
        },
      ),
      { numRuns: 15 },
    );
  });

  it('of one second that differ are settled by the store', async () => {
    const store = await newStore();
    await store.deliver('order.created', store.body({ id: 1n, status: 'pending' }));
    await store.deliver('order.updated', store.has({ id: 1n, status: 'processing' }));
    await store.deliver('order.updated', store.body({ id: 1n, status: 'failed' }));
    await store.apply();
    expect(await store.statuses()).toEqual({ 1: 'pending' });
    await store.run('orders');
    expect(await store.statuses()).toEqual({ 1: 'processing' });
  });
});

describe('what was never sent', () => {
  it('is found, all of it, and nothing else', async () => {
    const store = withWebhooks(await newStore());
    await store.tell('updated', { id: 5n, created: -600, modified: 30 });
    await store.tell('created', { id: 10n });
    // A product, an order nobody told of, a draft, a placed draft that was only updated.
    store.has({ id: 12n, status: 'processing', modified: 70 });
    store.has({ id: 13n, status: 'checkout-draft', modified: 70 });
    await store.tell('created', { id: 15n });
    await store.tell('updated', { id: 16n, status: 'checkout-draft', created: 80 });
    await store.tell('updated', { id: 17n, created: 80 });
    // An update that was lost, an import that jumps the ids, and the last order of all.
    store.has({ id: 15n, status: 'completed', modified: 90 });
    await store.tell('created', { id: 90_000n });
    store.has({ id: 90_001n, modified: 100 });
    await store.runAll();
    expect(await store.statuses()).toEqual({
      ...{ 5: 'processing', 10: 'processing', 12: 'processing', 13: 'checkout-draft' },
      ...{ 15: 'completed', 16: 'checkout-draft', 17: 'processing' },
      ...{ 90000: 'processing', 90001: 'processing' },
    });
    expect(await store.incidents()).toEqual({
      'created_missing/created': ['17'],
      'orders_lost/orders': ['12', '90001'],
      'orders_lost/updates': ['15'],
    });
    const asked = store.api.asked;
    await store.runAll();
    // Ids are asked for once.
    expect(store.api.asked - asked).toBeLessThan(5);
  });

  it('waits for the grace, and a late delivery settles it', async () => {
    const store = withWebhooks(await newStore({ graceSeconds: 7200 }));
    await store.tell('created', { id: 1n });
    await store.tell('updated', { id: 2n });
    store.has({ id: 3n });
    await store.run('reconcile');
    await store.run('gaps');
    expect(await store.incidents()).toEqual({});
    await store.tell('created', { id: 2n });
    await store.tell('created', { id: 3n });
    await fixture.pool.query(
      `update store_orders set judged_due_at = clock_timestamp() where store = $1 and judged_due_at is not null`,
      [store.id],
    );
    await store.run('gaps');
    expect(await store.incidents()).toEqual({});
  });

  it('is told as unverified by a store without a key, in one incident', async () => {
    const store = await newStore({ key: false });
    await store.tell('created', { id: 1n });
    await store.tell('created', { id: 4n });
    await store.tell('created', { id: 6n });
    await store.runAll();
    expect(await store.incidents()).toEqual({ 'orders_lost/unverified': ['2', '3', '5'] });
    const { rows } = await fixture.pool.query(
      'select from incidents where store = $1 and verified_at is not null',
      [store.id],
    );
    expect(rows).toHaveLength(0);
  });

  it('is not said while the store does not answer', async () => {
    const store = withWebhooks(await newStore());
    await store.tell('created', { id: 1n });
    await store.tell('created', { id: 3n });
    store.api.down = true;
    await store.runAll();
    expect(await store.incidents()).toEqual({});
    store.has({ id: 2n, modified: 61 });
    store.api.down = false;
    await store.runAll();
    expect(await store.incidents()).toEqual({ 'orders_lost/orders': ['2'] });
  });
});

describe('stuck orders', () => {
  it('are told once, after the store has confirmed it; a lost update is healed instead', async () => {
    const store = withWebhooks(await newStore());
    await store.tell('created', { id: 1n });
    await store.tell('created', { id: 2n });
    const week = `update store_orders set status_since = status_since - interval '30 days', due_at = clock_timestamp() where store = $1`;
    await fixture.pool.query(week, [store.id]);
    store.has({ id: 2n, status: 'completed', modified: 70 });
    await store.run('orders');
    expect(await store.incidents()).toEqual({ 'order_stuck/processing': ['1'] });
    expect(await store.statuses()).toEqual({ 1: 'processing', 2: 'completed' });
    await store.tell('updated', { id: 1n, status: 'completed', modified: 80 });
    expect(await store.incidents()).toEqual({});
  });
});

describe('webhooks', () => {
  it('that are off or missing are told, and healed', async () => {
    const store = withWebhooks(await newStore());
    store.api.webhookList = store.api.webhookList
      .slice(0, 3)
      .map((one, n) => (n === 1 ? { ...one, status: 'disabled' } : one));
    await store.run('webhooks');
    expect(await store.incidents()).toEqual({
      'webhook_off/order.restored': [],
      'webhook_off/webhook/2': [],
    });
    withWebhooks(store);
    await store.run('webhooks');
    expect(await store.incidents()).toEqual({});
  });
});

describe('secrets', () => {
  it('are stored encrypted, and encrypted again with a newer key', async () => {
    const store = await newStore();
    const { keys } = fixture.context;
    const newer = new Map([...keys, [2, Buffer.alloc(32, 7)]]);
    expect(await rotateSecrets(fixture.pool, newer)).toBeGreaterThan(0);
    expect(await rotateSecrets(fixture.pool, newer)).toBe(0);
    expect(await readSecrets(fixture.pool, newer, store.id)).toEqual([SECRET]);
    await expect(readSecrets(fixture.pool, keys, store.id)).rejects.toThrow('version 2');
    const { rows } = await fixture.pool.query(
      `select from store_webhooks where encode(secret, 'escape') like '%' || $1 || '%'`,
      [SECRET],
    );
    expect(rows).toHaveLength(0);
  });
});
