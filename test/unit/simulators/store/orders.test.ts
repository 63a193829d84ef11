import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { first, storeFixture } from './fixture.helper.js';

const store = storeFixture();
const DAY = 86_400;

async function told(): Promise<string[]> {
  await store.control.drain();
  return store.told().sort();
}

describe('topics', () => {
  test('a new order is created and updated, then updated', async () => {
    await store.begin();
    const id = await store.control.place();
    expect(await told()).toEqual(['created pending', 'updated pending']);
    await store.control.change(id, { change: 'status', status: 'on-hold' });
    await store.control.drain();
    await store.control.change(id, { change: 'pay' });
    await store.control.drain();
    await store.control.change(id, { change: 'refund' });
    await store.control.drain();
    await store.control.change(id, { change: 'delete_refund' });
    expect(await told()).toEqual([
      'updated on-hold',
      'updated processing',
      'updated processing',
      'updated processing',
    ]);
  });

  test('a draft leaks as updated, and is created when it is ordered, under its old id', async () => {
    await store.begin();
    const draft = await store.control.place({ status: 'checkout-draft' });
    expect(await told()).toEqual([]);
    await store.control.change(draft, { change: 'save' });
    expect(await told()).toEqual(['updated checkout-draft']);
    const higher = await store.control.place();
    await told();
    await store.control.change(draft, { change: 'status', status: 'pending' });
    expect(await told()).toEqual(['created pending', 'updated pending']);
    expect(higher).toBe(draft + 1n);
  });

  test('drafts of the administration are silent', async () => {
    await store.begin();
    const id = await store.control.place({ status: 'auto-draft' });
    await store.control.change(id, { change: 'save' });
    expect(await told()).toEqual([]);
  });

  test('stores that keep orders as posts announce drafts as created, and not when ordered', async () => {
    await store.begin({ storage: 'posts' });
    const draft = await store.control.place({ status: 'checkout-draft' });
    expect(await told()).toEqual(['created checkout-draft']);
    await store.control.change(draft, { change: 'status', status: 'pending' });
    expect(await told()).toEqual(['updated pending']);
  });

  test('trash and restore have topics of their own, deleting for good has none', async () => {
    await store.begin();
    const id = await store.control.place({ status: 'processing' });
    await told();
    await store.control.change(id, { change: 'trash' });
    await store.control.drain();
    expect(store.taken()).toEqual([{ topic: 'order.deleted', body: { id: Number(id) } }]);
    await store.control.change(id, { change: 'restore' });
    expect(await told()).toEqual(['restored processing']);
    await store.control.change(id, { change: 'delete' });
    expect(await told()).toEqual([]);
  });

  test('opening an order moves its date and tells nobody', async () => {
    await store.begin();
    const id = await store.control.place();
    await told();
    await store.control.advance(60);
    await store.control.change(id, { change: 'touch' });
    expect(await told()).toEqual([]);
    const { createdAt, modifiedAt } = first(await store.control.orders());
    expect(modifiedAt.getTime() - createdAt.getTime()).toBeGreaterThanOrEqual(60_000);
  });

  test('paused webhooks are told nothing', async () => {
    await store.begin();
    for (const { id } of await store.control.webhooks()) {
      await store.control.changeWebhook(id, { status: 'paused' });
    }
    await store.control.place();
    expect(await told()).toEqual([]);
  });
});

describe('the payload', () => {
  test('has the fields and types of a real one', async () => {
    await store.begin({}, ['order.created']);
    await store.control.place({
      items: [{ name: 'Ticket', meta: [{ key: 'participant', value: { name: 'Ada' } }] }],
    });
    await store.control.drain();
    const ours = first(store.taken()).body;
    const file = '05-order-completed-free-virtual-15.json';
    const folder = new URL('../../../vectors/woocommerce/', import.meta.url);
    const real: unknown = JSON.parse(await readFile(new URL(file, folder), 'utf8'));
    expect(shapeOf(ours)).toMatchObject(shapeOf(real));
    expect(ours).toMatchObject({ line_items: [{ quantity: 1, price: 10, total: '10.00' }] });
  });
});

/** Names and types of fields. What may be null, and what is only in some orders, is left out. */
function shapeOf(order: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(z.record(z.string(), z.unknown()).parse(order))
      .filter(([name]) => !/^date_(?:paid|completed)/.test(name))
      .map(([name, value]) => [name, typeof value]),
  );
}

describe('payment', () => {
  test('completes what needs no processing, and cash on delivery is paid at its completion', async () => {
    await store.begin({}, ['order.updated']);
    const virtual = await store.control.place({ needsProcessing: false });
    const cash = await store.control.place({ paymentMethod: 'cod' });
    await store.control.drain();
    store.taken();
    const dates = async (id: bigint, change: 'pay' | 'complete'): Promise<unknown[]> => {
      await store.control.change(
        id,
        change === 'pay' ? { change } : { change: 'status', status: 'completed' },
      );
      await store.control.drain();
      const { body } = first(store.taken());
      return [body['status'], body['date_paid_gmt'] !== null, body['date_completed_gmt'] !== null];
    };
    expect(await dates(virtual, 'pay')).toEqual(['completed', true, true]);
    expect(await dates(cash, 'pay')).toEqual(['processing', false, false]);
    expect(await dates(cash, 'complete')).toEqual(['completed', true, true]);
  });
});

describe('ids', () => {
  test('are shared with refunds, products, and drafts', async () => {
    await store.begin({ firstId: '9007199254740993' });
    const one = await store.control.place({ status: 'processing' });
    expect(one).toBe(9_007_199_254_740_993n);
    await store.control.change(one, { change: 'refund' });
    const two = await store.control.place();
    expect(two).toBe(one + 2n);
    const imported = await store.control.takeIds(80_000);
    expect(imported).toEqual({ first: two + 1n, last: two + 80_000n });
    expect(await store.control.place()).toBe(two + 80_001n);
    await store.control.drain();
    expect(store.receiver.received.map(({ body }) => body).join()).toContain(`{"id":${one},`);
  });

  test('imports of orders are silent, unless they are announced', async () => {
    await store.begin({}, ['order.created']);
    expect(await store.control.import({ count: 300 })).toEqual({ first: 100n, last: 399n });
    expect(await told()).toEqual([]);
    await store.control.import({ count: 2, announced: true });
    expect(await told()).toEqual(['created completed', 'created completed']);
    expect(await store.control.orders()).toHaveLength(302);
  });

  test('numbers are the ids, unless a plugin counts by itself', async () => {
    await store.begin({ numberPrefix: 'A-' }, ['order.created']);
    await store.control.place();
    await store.control.takeIds(5);
    await store.control.place();
    await store.control.drain();
    expect(store.taken().map(({ body }) => [body['id'], body['number']])).toEqual([
      [100, 'A-1'],
      [106, 'A-2'],
    ]);
  });

  test('drafts that nobody touched for a day are deleted, twenty a day', async () => {
    await store.begin();
    for (let n = 0; n < 25; n += 1) await store.control.place({ status: 'checkout-draft' });
    const ids = async (): Promise<number> => (await store.control.orders()).length;
    await store.control.advance(DAY + 60);
    expect(await ids()).toBe(25);
    await store.control.advance(DAY);
    expect(await ids()).toBe(5);
    await store.control.advance(DAY);
    expect(await ids()).toBe(0);
    expect(store.told()).toEqual([]);
  });
});
