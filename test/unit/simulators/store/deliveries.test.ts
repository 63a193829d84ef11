import { describe, expect, test } from 'vitest';
import { first, hmac, isDelivery, SECRET, storeFixture } from './fixture.helper.js';

const store = storeFixture();
const MINUTE = 60;

describe('the request of a delivery', () => {
  test('carries the headers, the signature of the exact body, and no redirect is followed', async () => {
    const [webhook] = await store.begin({ homeUrl: 'https://shop.example/' }, ['order.updated']);
    store.receiver.answer(301);
    const id = await store.control.place({ firstName: 'Zoë' });
    await store.control.drain();
    const request = first(store.receiver.received);
    expect(store.receiver.received).toHaveLength(1);
    expect(request).toMatchObject({ method: 'POST', path: '/order.updated' });
    expect(request.headers).toMatchObject({
      'content-type': 'application/json',
      connection: 'close',
      'x-wc-webhook-source': 'https://shop.example/',
      'x-wc-webhook-topic': 'order.updated',
      'x-wc-webhook-resource': 'order',
      'x-wc-webhook-event': 'updated',
      'x-wc-webhook-id': String(webhook?.id),
      'x-wc-webhook-signature': hmac(SECRET, request.body),
    });
    expect(request.headers['user-agent']).toMatch(/^WooCommerce\/\S+ Hookshot \(WordPress\/\S+\)$/);
    expect(request.headers['x-wc-webhook-delivery-id']).toMatch(/^[0-9a-f]{32}$/);
    expect(request.headers).not.toHaveProperty('cookie');
    expect(request.rawHeaders).toContain('X-WC-Webhook-ID');
    // As PHP writes JSON.
    expect(request.body).toContain('"first_name":"Zo\\u00eb"');
    expect(request.body).toContain('https:\\/\\/shop.example\\/');
    expect(JSON.parse(request.body)).toMatchObject({ id: Number(id), status: 'pending' });
  });

  test('the signature matches the known one, and entities of the secret are decoded', async () => {
    expect(hmac('secret', '{"id":205}')).toBe('ha0+mtkEuNjhXrVwLKK9FmsxjJf1t3GlCaWRknlSzU4=');
    const [webhook] = await store.begin({}, ['order.created']);
    if (webhook === undefined) return;
    await store.control.changeWebhook(webhook.id, { secret: 'a&amp;b' });
    await store.control.place();
    await store.control.drain();
    const { headers, body } = first(store.receiver.received);
    expect(headers['x-wc-webhook-signature']).toBe(hmac('a&b', body));
  });

  test('two deliveries of a webhook in one second share their id', async () => {
    await store.begin({}, ['order.created']);
    await store.control.place();
    await store.control.place();
    await store.control.drain();
    await store.control.place();
    await store.control.drain();
    const [one, two, later] = store.receiver.received.map(
      ({ headers }) => headers['x-wc-webhook-delivery-id'],
    );
    expect(two).toBe(one);
    expect(later).not.toBe(one);
  });

  test('hosts and ports that WordPress refuses fail without a request', async () => {
    const [webhook] = await store.begin({ safeUrlsOnly: true }, ['order.created']);
    await store.control.place();
    await store.control.drain();
    expect(store.receiver.received).toEqual([]);
    expect(await store.control.deliveries()).toMatchObject([
      { outcome: 'failed', error: 'A valid URL was not provided.', webhookId: webhook?.id },
    ]);
    expect(await store.control.webhooks()).toMatchObject([{ failures: 1, pendingPing: true }]);
  });

  test('a receiver that does not answer has failed after the timeout', async () => {
    await store.begin({ deliveryTimeoutMs: 50 }, ['order.created']);
    store.receiver.answer(undefined);
    await store.control.place();
    await store.control.drain();
    expect(await store.control.deliveries()).toMatchObject([{ outcome: 'failed' }]);
  });
});

describe('the ping', () => {
  test('is unsigned, form-encoded, and repeated with deliveries until it gets 200', async () => {
    await store.control.reset();
    store.receiver.answer(202);
    const created = await store.control.createWebhook({
      topic: 'order.created',
      deliveryUrl: store.receiver.url,
      secret: SECRET,
    });
    const ping = first(store.receiver.received);
    expect(ping.body).toBe(`webhook_id=${created.id}`);
    expect(ping.headers['content-type']).toBe('application/x-www-form-urlencoded');
    expect(Object.keys(ping.headers).filter((name) => name.startsWith('x-wc'))).toEqual([]);
    expect(created).toMatchObject({ status: 'active', pendingPing: true });
    // The delivery, a ping that is refused again; the next delivery, and a ping that is not.
    store.receiver.answer(200, 204, 200);
    for (const left of [true, false]) {
      await store.control.place();
      await store.control.drain();
      expect(await store.control.webhooks()).toMatchObject([{ pendingPing: left }]);
    }
    await store.control.place();
    await store.control.drain();
    const kinds = store.receiver.received.map((one) => (isDelivery(one) ? 'order' : 'ping'));
    expect(kinds).toEqual(['ping', 'order', 'ping', 'order', 'ping', 'order']);
  });

  test('is sent again when the address changes, not when the status does', async () => {
    const [webhook] = await store.begin({}, ['order.created']);
    if (webhook === undefined) return;
    await store.control.changeWebhook(webhook.id, { status: 'paused' });
    await store.control.changeWebhook(webhook.id, { status: 'active' });
    expect(store.receiver.received).toEqual([]);
    await store.control.changeWebhook(webhook.id, { deliveryUrl: `${store.receiver.url}/new` });
    expect(store.receiver.received.map(({ path }) => path)).toEqual(['/new']);
  });
});

describe('outcomes', () => {
  test('200 to 302 are successes, everything else is not', async () => {
    await store.begin({}, ['order.created']);
    const failures: Record<number, number> = {};
    for (const status of [500, 200, 404, 302, 401, 303, 204]) {
      store.receiver.answer(status);
      await store.control.place();
      await store.control.drain();
      failures[status] = first(await store.control.webhooks()).failures;
    }
    expect(failures).toEqual({ 500: 1, 200: 0, 404: 1, 302: 0, 401: 1, 303: 2, 204: 0 });
  });

  test('the seventh failure in a row disables that webhook only, nothing is sent again', async () => {
    await store.begin({}, ['order.created', 'order.updated']);
    store.receiver.answer(500);
    for (let n = 1; n <= 7; n += 1) {
      expect((await store.control.webhooks()).map(({ status }) => status)).toEqual([
        'active',
        'active',
      ]);
      await store.control
        .place({ status: 'checkout-draft' })
        .then((id) => store.control.change(id, { change: 'save' }));
      await store.control.drain();
    }
    expect(await store.control.webhooks()).toMatchObject([
      { topic: 'order.created', status: 'active', failures: 0 },
      { topic: 'order.updated', status: 'disabled' },
    ]);
    expect(store.receiver.received).toHaveLength(7);
    store.receiver.answer(200);
    const id = await store.control.place();
    await store.control.drain();
    expect(store.told().slice(7)).toEqual(['created pending']);
    await store.control.changeWebhook(2n, { status: 'active' });
    await store.control.change(id, { change: 'save' });
    await store.control.drain();
    expect(store.told()).toEqual(['updated pending']);
  });

  test('a job of a webhook that was disabled meanwhile is still sent', async () => {
    const [webhook] = await store.begin({}, ['order.created']);
    await store.control.place();
    await store.control.changeWebhook(webhook?.id ?? 0n, { status: 'disabled' });
    await store.control.drain();
    expect(store.told()).toEqual(['created pending']);
  });

  test('without its owner a webhook delivers signed error bodies', async () => {
    const [webhook] = await store.begin({}, ['order.updated']);
    for (const [owner, status] of [
      ['deleted', 401],
      ['without_rights', 403],
    ] as const) {
      await store.control.changeWebhook(webhook?.id ?? 0n, { owner });
      await store.control.place();
      await store.control.drain();
      const { body, headers } = first(store.receiver.received);
      expect(headers['x-wc-webhook-signature']).toBe(hmac(SECRET, body));
      expect(JSON.parse(body)).toMatchObject({
        code: 'woocommerce_rest_cannot_view',
        data: { status },
      });
      store.receiver.reset();
    }
  });
});

describe('the queue', () => {
  test('changes while a job waits are one delivery, of the latest state', async () => {
    await store.begin({ queueSeconds: { min: 30, max: 30 } });
    const id = await store.control.place();
    await store.control.change(id, { change: 'pay' });
    await store.control.advance(20);
    await store.control.change(id, { change: 'status', status: 'completed' });
    await store.control.drain();
    expect(store.told().sort()).toEqual(['created completed', 'updated completed']);
    await store.control.change(id, { change: 'refund', full: true });
    await store.control.drain();
    expect(store.told()).toEqual(['updated refunded']);
  });

  test('a job that is due in ten minutes or more does not stand in for a new one', async () => {
    await store.begin({ queueSeconds: { min: 10 * MINUTE, max: 10 * MINUTE } }, ['order.updated']);
    const id = await store.control.place();
    await store.control.change(id, { change: 'save' });
    await store.control.advance(1);
    await store.control.change(id, { change: 'save' });
    await store.control.drain();
    expect(store.told()).toHaveLength(2);
  });

  test('one request to the site is one job per webhook and order', async () => {
    await store.begin({}, ['order.updated']);
    const id = await store.control.place();
    await store.control.drain();
    store.taken();
    await store.control.change(id, { change: 'pay' }, { change: 'save' }, { change: 'save' });
    await store.control.drain();
    expect(store.told()).toEqual(['updated processing']);
  });

  test('a job that runs does not stand in for a new one', async () => {
    await store.begin({ deliveryTimeoutMs: 1_000 }, ['order.updated']);
    const id = await store.control.place();
    store.receiver.answer(undefined, 200);
    const drained = store.control.drain();
    await expect.poll(() => store.receiver.received.length).toBe(1);
    await store.control.change(id, { change: 'pay' });
    await drained;
    expect(store.told()).toEqual(['updated pending', 'updated processing']);
  });

  test('an order deleted before its delivery is an error body', async () => {
    await store.begin({}, ['order.created']);
    const id = await store.control.place();
    await store.control.change(id, { change: 'delete' });
    await store.control.drain();
    expect(store.taken()).toMatchObject([
      { body: { code: 'woocommerce_rest_shop_order_invalid_id', data: { status: 404 } } },
    ]);
  });
});
