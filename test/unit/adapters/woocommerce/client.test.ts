import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { StoreClient } from '../../../../adapters/woocommerce/client/store-client.js';
import type { OrderQuery, StoreAnswer } from '../../../../adapters/woocommerce/port.js';
import { storeFixture } from '../../simulators/store/fixture.helper.js';

const store = storeFixture();
let client: StoreClient;
const access = () => ({
  url: store.url,
  key: 'ck_simulated',
  secret: 'cs_simulated',
  timeoutMs: 5_000,
});
beforeEach(() => void (client = new StoreClient(access())));
afterEach(() => store.control.setFaults());

const BY_ID: OrderQuery = { orderBy: 'id', page: 1, perPage: 100 };

function valueOf<T>(answer: StoreAnswer<T>): T {
  if (answer.kind !== 'ok') throw new Error(`the answer is ${JSON.stringify(answer)}`);
  return answer.value;
}

describe.each(['pretty', 'plain'] as const)('a store with %s permalinks', (permalinks) => {
  beforeEach(() => store.begin({ permalinks, firstId: '9007199254740993' }, []));

  test('gives an order, exactly', async () => {
    const id = await store.control.place({ total: '0.10', email: 'a@example.com' });
    expect(valueOf(await client.order(id))).toMatchObject({
      id,
      status: 'pending',
      total: '0.10',
      billing: { email: 'a@example.com' },
      createdAt: new Date('2026-03-02T09:00:00Z'),
    });
    expect(await client.order(id + 1n)).toEqual({ kind: 'not_found' });
  });

  test('gives its webhooks, takes new ones and changes', async () => {
    const deliveryUrl = `${store.receiver.url}/a`;
    const made = valueOf(
      await client.createWebhook({ name: 'n', topic: 'order.created', deliveryUrl, secret: 'abc' }),
    );
    expect(made).toMatchObject({ id: 1n, status: 'active', topic: 'order.created', deliveryUrl });
    expect(valueOf(await client.updateWebhook(1n, { status: 'paused' })).status).toBe('paused');
    expect(valueOf(await client.webhooks())).toMatchObject([{ id: 1n, status: 'paused' }]);
    expect(await client.updateWebhook(9n, { status: 'active' })).toEqual({ kind: 'not_found' });
    expect(
      await client.createWebhook({ name: 'n', topic: 'order.eaten', deliveryUrl, secret: 'abc' }),
    ).toEqual({
      kind: 'refused',
      code: 'woocommerce_rest_shop_webhook_invalid_topic',
      status: 400,
    });
  });
});

describe('the list of orders', () => {
  test('has drafts and trash, in pages that end', async () => {
    await store.begin({}, []);
    const ids: bigint[] = [];
    for (const status of ['pending', 'checkout-draft', 'completed']) {
      ids.push(await store.control.place({ status }));
    }
    await store.control.change(ids[2] ?? 0n, { change: 'trash' });
    const page = valueOf(await client.orders({ ...BY_ID, perPage: 2 }));
    expect(page).toMatchObject({ page: 1, pages: 2, total: 3, unreadable: [] });
    const rest = valueOf(await client.orders({ ...BY_ID, perPage: 2, page: 2 }));
    expect([...page.orders, ...rest.orders].map(({ id }) => id)).toEqual(ids);
    const some = valueOf(await client.orders({ ...BY_ID, include: ids.slice(1) }));
    expect(some.orders.map(({ status }) => status)).toEqual(['checkout-draft', 'trash']);
    const none = valueOf(await client.orders({ ...BY_ID, include: [5n] }));
    expect(none).toMatchObject({ pages: 0, total: 0, orders: [] });
  });

  test('is asked for in GMT, whatever the zone of the store', async () => {
    await store.begin({ zone: 'Asia/Tokyo' }, []);
    const id = await store.control.place();
    const between = async (modifiedAfter: string, modifiedBefore: string) =>
      valueOf(
        await client.orders({
          ...BY_ID,
          orderBy: 'modified',
          modifiedAfter: new Date(modifiedAfter),
          modifiedBefore: new Date(modifiedBefore),
        }),
      ).orders.map((order) => order.id);
    expect(await between('2026-03-02T08:59:59Z', '2026-03-02T09:00:01Z')).toEqual([id]);
    expect(await between('2026-03-02T09:00:00Z', '2026-03-02T09:00:01Z')).toEqual([]);
  });

  test('leaves out statuses that the store does not know, and asks for them no more', async () => {
    await store.begin({ withoutStatuses: ['auto-draft', 'checkout-draft'] }, []);
    const id = await store.control.place();
    for (let n = 0; n < 2; n += 1) {
      const page = valueOf(await client.orders(BY_ID));
      expect(page.orders.map((order) => order.id)).toEqual([id]);
      expect(page.unknownStatuses).toEqual(['checkout-draft', 'auto-draft']);
    }
    const none = valueOf(await client.orders({ ...BY_ID, statuses: ['checkout-draft'] }));
    expect(none).toMatchObject({ orders: [], unknownStatuses: ['checkout-draft'] });
  });
});

describe('what says nothing of the order is unavailable', () => {
  test.each([
    ['firewall', 'status 403 without JSON'],
    ['error', 'status 500'],
    ['cut', 'the connection failed: UND_ERR_SOCKET'],
    ['off', 'the site serves no REST API of WooCommerce'],
  ] as const)('%s', async (answer, reason) => {
    await store.begin({}, []);
    const id = await store.control.place();
    await store.control.setFaults({ rest: { answer } });
    expect(await client.order(id)).toEqual({ kind: 'unavailable', reason });
    await store.control.setFaults();
    expect((await client.order(id)).kind).toBe('ok');
  });

  test('a slow store, after the timeout', async () => {
    await store.begin({}, []);
    await store.control.setFaults({ rest: { slowMs: 300 } });
    const hasty = new StoreClient({ ...access(), timeoutMs: 50 });
    expect(await hasty.order(1n)).toEqual({
      kind: 'unavailable',
      reason: 'no answer within 50 ms',
    });
  });

  test('a body beyond the bound', async () => {
    await store.begin({}, []);
    const id = await store.control.place({ firstName: 'x'.repeat(5_000) });
    const small = new StoreClient({ ...access(), maxBytes: 4_000 });
    expect(await small.order(id)).toEqual({
      kind: 'unavailable',
      reason: 'an answer of more than 4000 bytes',
    });
  });

  test.each(['busy', 'too_many'] as const)(
    '%s: the store is left alone for as long as it asked',
    async (answer) => {
      await store.begin({}, []);
      await store.control.setFaults({ rest: { answer, retryAfterSeconds: 30, times: 1 } });
      expect(await client.order(1n)).toMatchObject({ kind: 'unavailable', retryAfterMs: 30_000 });
      const second = await client.order(1n);
      expect(second).toMatchObject({ reason: 'not asked: it asked for a pause' });
      expect(second).toHaveProperty('retryAfterMs', expect.closeTo(30_000, -3));
    },
  );
});

describe('keys', () => {
  test('that the store does not accept are refused', async () => {
    await store.begin({ keys: [{ key: 'ck_1', secret: 'cs_1', permissions: 'read' }] }, []);
    const refused = async (key: string, secret: string) =>
      new StoreClient({ ...access(), key, secret }).order(1n);
    expect(await refused('ck_2', 'cs_1')).toEqual({
      kind: 'refused',
      code: 'woocommerce_rest_cannot_view',
      status: 401,
    });
    expect(await refused('ck_1', 'cs_2')).toMatchObject({
      kind: 'refused',
      code: 'woocommerce_rest_authentication_error',
    });
    const reader = new StoreClient({ ...access(), key: 'ck_1', secret: 'cs_1' });
    expect(await reader.updateWebhook(1n, { status: 'active' })).toMatchObject({ status: 401 });
    expect(await reader.webhooks()).toEqual({ kind: 'ok', value: [] });
  });
});
