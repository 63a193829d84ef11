import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STORE_CALLS, STORE_CHECKS } from '../../../../domain/intake/store-step.js';
import { advanceStore } from '../../../../engine/intake/advance-store.js';
import { recoverSince } from '../../../../engine/intake/recover.js';
import { IntakeFixture, type TestStore } from './fixture.helper.js';

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

describe('reconcile', () => {
  const watermark = async (store: TestStore): Promise<number> => {
    const { rows } = await fixture.pool.query<{ at: Date }>(
      'select watermark as at from stores where id = $1',
      [store.id],
    );
    return rows[0]?.at.getTime() ?? 0;
  };

  it('never moves the watermark past what could not be read', async () => {
    const store = await newStore();
    store.has({ id: 1n });
    store.api.unreadable = [{ problem: 'not_an_order', raw: '{}' }];
    const before = await watermark(store);
    await store.run('reconcile');
    expect(await watermark(store)).toBe(before);
    expect(await store.statuses()).toEqual({ 1: 'processing' });
    expect(Object.keys(await store.incidents())).toEqual(['store_errors/reconcile']);
    store.api.unreadable = [];
    await store.run('reconcile');
    expect(await watermark(store)).toBeGreaterThan(before);
    expect(await store.incidents()).toEqual({});
  });

  it('reads more orders of one second than a page holds', async () => {
    const store = await newStore();
    for (let id = 1n; id <= 130n; id += 1n) store.has({ id, created: id < 120n ? 60 : 61 });
    await store.run('reconcile');
    expect(Object.keys(await store.statuses())).toHaveLength(130);
  });

  it('since a time tells nobody, after a preview', async () => {
    const store = await newStore();
    store.has({ id: 1n });
    store.has({ id: 3n });
    const since = new Date(Date.now() - 86_400_000);
    expect(await recoverSince(fixture.context, store.id, { since, preview: true })).toEqual({
      found: 2,
      ...{ changed: null, nextSince: null },
    });
    expect(await store.statuses()).toEqual({});
    expect(await recoverSince(fixture.context, store.id, { since, preview: false })).toEqual({
      found: 2,
      ...{ changed: 2, nextSince: null },
    });
    await store.run('gaps');
    expect(await store.incidents()).toEqual({});
  });
});

describe('a store’s workflow', () => {
  it('does what is due, then waits for the next task', async () => {
    const store = withWebhooks(await newStore());
    const calls: (string | null)[] = [];
    for (;;) {
      const step = await advanceStore(fixture.context, store.id);
      calls.push(step.call);
      if (step.call === null) {
        expect(step.waitMs).toBeGreaterThan(0);
        break;
      }
      if (step.call === 'sendNotifications') {
        await fixture.pool.query(
          `update store_tasks set due_at = clock_timestamp() + interval '1 hour' where task = 'notices'`,
        );
        continue;
      }
      const task = STORE_CHECKS.find((name) => STORE_CALLS[name] === step.call);
      if (task === undefined) throw new Error(step.call);
      await store.run(task);
    }
    expect(new Set(calls)).toEqual(new Set([...Object.values(STORE_CALLS), null]));
    expect(calls).toHaveLength(10);
    await fixture.pool.query(
      'update stores set closed_at = clock_timestamp(), due_at = null where id = $1',
      [store.id],
    );
    expect(await advanceStore(fixture.context, store.id)).toMatchObject({ finished: true });
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
