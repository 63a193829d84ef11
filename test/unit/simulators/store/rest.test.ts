import { createHmac, randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { storeFixture } from './fixture.helper.js';

const store = storeFixture();

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly json: unknown;
}

const credentials = Buffer.from('ck_simulated:cs_simulated').toString('base64');
const BASIC = { authorization: `Basic ${credentials}` };

/** Of a store that takes its calls for HTTPS, so that Basic is enough. */
async function get(path: string, headers: Record<string, string> = BASIC): Promise<Answer> {
  return call('GET', `/wp-json/wc/v3${path}`, headers);
}

async function call(
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: object,
): Promise<Answer> {
  const response = await fetch(new URL(path, store.url), {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const json: unknown = text.startsWith('<') ? undefined : JSON.parse(text);
  return { status: response.status, headers: response.headers, json };
}

function ids({ json }: Answer): number[] {
  return z
    .array(z.object({ id: z.number() }))
    .parse(json)
    .map(({ id }) => id);
}

const https = { https: true };
const error = (code: string, status: number) => ({ status, json: { code, data: { status } } });

describe('one order', () => {
  test('is what a webhook carries; refunds, products and the deleted are not told apart', async () => {
    await store.begin(https, ['order.created']);
    const id = await store.control.place({ status: 'processing' });
    await store.control.change(id, { change: 'refund' });
    await store.control.takeIds(1);
    const gone = await store.control.place();
    await store.control.change(gone, { change: 'delete' });
    await store.control.drain();
    const found = await get(`/orders/${id}`);
    expect(found.status).toBe(200);
    expect(store.taken()[0]?.body).toEqual(found.json);
    for (const other of [id + 1n, id + 2n, gone, gone + 100n]) {
      expect(await get(`/orders/${other}`)).toMatchObject(
        error('woocommerce_rest_shop_order_invalid_id', 404),
      );
    }
    expect((await get(`/orders/${id}?_fields=id,status`)).json).toEqual({
      id: Number(id),
      status: 'processing',
    });
  });
});

describe('the list', () => {
  test('pages with totals, ten by default, newest first', async () => {
    await store.begin(https, []);
    for (let n = 0; n < 12; n += 1) await store.control.place();
    const page = await get('/orders');
    expect(ids(page)).toEqual([111, 110, 109, 108, 107, 106, 105, 104, 103, 102]);
    expect(page.headers.get('x-wp-total')).toBe('12');
    expect(page.headers.get('x-wp-totalpages')).toBe('2');
    expect(page.headers.get('link')).toContain('rel="next"');
    expect(ids(await get('/orders?page=2'))).toEqual([101, 100]);
    expect(ids(await get('/orders?page=3'))).toEqual([]);
    expect(ids(await get('/orders?orderby=id&order=asc&per_page=5&page=3'))).toEqual([110, 111]);
    expect(ids(await get('/orders?include=103,105,999&order=asc'))).toEqual([103, 105]);
    expect(await get('/orders?per_page=101')).toMatchObject(error('rest_invalid_param', 400));
  });

  test('leaves out trash and drafts, unless they are named without any', async () => {
    await store.begin(https, []);
    const order = await store.control.place();
    const draft = await store.control.place({ status: 'checkout-draft' });
    const trashed = await store.control.place();
    await store.control.change(trashed, { change: 'trash' });
    const [shown, all] = [[Number(order)], [order, draft, trashed].map(Number)];
    const list = (query: string) => get(`/orders?order=asc&${query}`).then(ids);
    expect(await list('')).toEqual(shown);
    expect(await list('status=any')).toEqual(shown);
    expect(await list('status=any,trash,checkout-draft')).toEqual(shown);
    expect(await list('status=pending,trash,checkout-draft')).toEqual(all);
    expect(await list('status[]=trash&status[]=checkout-draft')).toEqual(all.slice(1));
  });

  test('refuses the whole call for one status that it does not know', async () => {
    await store.begin({ ...https, statuses: ['shipped'], withoutStatuses: ['checkout-draft'] }, []);
    expect((await get('/orders?status=pending,shipped')).status).toBe(200);
    const refused = await get('/orders?status=pending,checkout-draft');
    expect(refused).toMatchObject(error('rest_invalid_param', 400));
    expect(refused).toHaveProperty(
      'json.data.params.status',
      'status[1] is not one of any, trash, pending, processing, on-hold, completed, cancelled, refunded, failed, auto-draft, shipped.',
    );
  });

  test('compares with local times, or GMT on request; bounds are exclusive and of one second', async () => {
    await store.begin({ ...https, at: '2026-07-01T10:00:00Z', zone: 'America/New_York' }, []);
    const id = await store.control.place();
    const found = async (query: string) => ids(await get(`/orders?${query}`)).includes(Number(id));
    const gmt = 'dates_are_gmt=true&';
    expect(await found('after=2026-07-01T05:59:59&before=2026-07-01T06:00:01')).toBe(true);
    expect(await found('after=2026-07-01T09:59:59')).toBe(false);
    expect(await found(`${gmt}after=2026-07-01T09:59:59&before=2026-07-01T10:00:01`)).toBe(true);
    expect(await found(`${gmt}after=2026-07-01T10:00:00`)).toBe(false);
    expect(await found(`${gmt}before=2026-07-01T10:00:00`)).toBe(false);
    await store.control.advance(3600);
    await store.control.change(id, { change: 'save' });
    expect(await found(`${gmt}modified_after=2026-07-01T10:59:59`)).toBe(true);
    expect(await found(`${gmt}modified_before=2026-07-01T11:00:00`)).toBe(false);
    expect(await found(`${gmt}after=2026-07-01T10:59:59`)).toBe(false);
    expect((await get(`/orders/${id}`)).json).toMatchObject({
      date_created: '2026-07-01T06:00:00',
      date_created_gmt: '2026-07-01T10:00:00',
      date_modified_gmt: '2026-07-01T11:00:00',
    });
  });

  test('modified_after misses what was deleted for good, and sees what was only opened', async () => {
    await store.begin(https, []);
    const [one, two] = [await store.control.place(), await store.control.place()];
    await store.control.advance(60);
    await store.control.change(one, { change: 'delete' });
    await store.control.change(two, { change: 'touch' });
    expect(ids(await get('/orders?dates_are_gmt=true&modified_after=2026-03-02T09:00:30'))).toEqual(
      [Number(two)],
    );
  });
});

describe('keys', () => {
  test('Basic over HTTPS: no key, another key, a wrong secret, a key that may only read', async () => {
    const key = { key: 'ck_1', secret: 'cs_1', permissions: 'read' as const };
    await store.begin({ ...https, keys: [key] }, []);
    const basic = (text: string) => ({
      authorization: `Basic ${Buffer.from(text).toString('base64')}`,
    });
    expect((await get('/orders', basic('ck_1:cs_1'))).status).toBe(200);
    expect((await get('/orders?consumer_key=ck_1&consumer_secret=cs_1', {})).status).toBe(200);
    expect(await get('/orders', {})).toMatchObject(error('woocommerce_rest_cannot_view', 401));
    expect(await get('/orders', basic('ck_2:cs_1'))).toMatchObject(
      error('woocommerce_rest_cannot_view', 401),
    );
    expect(await get('/orders', basic('ck_1:cs_2'))).toMatchObject(
      error('woocommerce_rest_authentication_error', 401),
    );
    expect((await get('/webhooks', basic('ck_1:cs_1'))).status).toBe(200);
    const write = await call('POST', '/wp-json/wc/v3/webhooks', basic('ck_1:cs_1'), {
      topic: 'order.created',
      delivery_url: 'http://127.0.0.1:1/',
    });
    expect(write).toMatchObject(error('woocommerce_rest_authentication_error', 401));
  });

  test('plain HTTP takes no Basic but a signature, fresh and once', async () => {
    await store.begin({}, []);
    expect(await get('/orders')).toMatchObject(error('woocommerce_rest_cannot_view', 401));
    const now = Math.floor(Date.now() / 1000);
    const wrong = error('woocommerce_rest_authentication_error', 401);
    for (const algorithm of ['sha1', 'sha256']) {
      const signed = signedQuery(algorithm, now, { status: 'pending,trash' });
      expect((await get(`/orders?${signed}`, {})).status).toBe(200);
      expect(await get(`/orders?${signed}`, {})).toMatchObject(wrong);
    }
    expect(await get(`/orders?${signedQuery('sha256', now - 1000, {})}`, {})).toMatchObject(wrong);
    expect(await get(`/orders?${signedQuery('sha256', now, {})}&page=2`, {})).toMatchObject(wrong);
  });
});

/** Written out for these names, which need no further sorting or encoding. */
function signedQuery(
  algorithm: string,
  timestamp: number,
  more: Readonly<Record<string, string>>,
): string {
  const parameters = {
    oauth_consumer_key: 'ck_simulated',
    oauth_nonce: randomUUID(),
    oauth_signature_method: `HMAC-${algorithm.toUpperCase()}`,
    oauth_timestamp: String(timestamp),
    ...more,
  };
  const text = Object.entries(parameters)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&');
  const address = encodeURIComponent(`${store.url}/wp-json/wc/v3/orders`);
  const signature = createHmac(algorithm, 'cs_simulated&')
    .update(`GET&${address}&${encodeURIComponent(text)}`)
    .digest('base64');
  return `${text}&oauth_signature=${encodeURIComponent(signature)}`;
}

describe('webhooks over REST', () => {
  test('are created with a ping, listed without failures, changed and deleted', async () => {
    await store.begin(https, []);
    const path = '/wp-json/wc/v3/webhooks';
    const hook = { topic: 'order.created', delivery_url: store.receiver.url, secret: 's' };
    expect(await call('POST', path, BASIC, hook)).toMatchObject({
      status: 201,
      json: { id: 1, status: 'active', resource: 'order', event: 'created' },
    });
    expect(store.receiver.received.map(({ body }) => body)).toEqual(['webhook_id=1']);
    const listed = await get('/webhooks');
    expect(JSON.stringify(listed.json)).not.toMatch(/failure|secret/);
    expect(await call('PUT', `${path}/1`, BASIC, { status: 'paused' })).toMatchObject({
      json: { status: 'paused' },
    });
    expect(ids(await get('/webhooks?status=active'))).toEqual([]);
    expect(ids(await get('/webhooks?status=paused'))).toEqual([1]);
    expect(await call('POST', path, BASIC, { ...hook, topic: 'order.eaten' })).toMatchObject(
      error('woocommerce_rest_shop_webhook_invalid_topic', 400),
    );
    expect(await call('POST', path, BASIC, { topic: 'order.created' })).toMatchObject(
      error('rest_missing_callback_param', 400),
    );
    expect((await call('DELETE', `${path}/1`, BASIC)).status).toBe(501);
    expect((await call('DELETE', `${path}/1?force=true`, BASIC)).status).toBe(200);
    expect((await get('/webhooks/1')).status).toBe(404);
  });

  test('every outcome of a delivery moves date_modified', async () => {
    await store.begin(https, ['order.created']);
    const modified = async () =>
      z.object({ date_modified_gmt: z.string() }).parse((await get('/webhooks/1')).json);
    const before = await modified();
    await store.control.advance(60);
    expect(await modified()).toEqual(before);
    await store.control.place();
    await store.control.drain();
    expect(await modified()).not.toEqual(before);
  });
});

describe('the site', () => {
  test('serves both forms of address, or only the plain one', async () => {
    await store.begin(https, []);
    const plain = '/?rest_route=/wc/v3/orders&per_page=1';
    expect((await call('GET', plain, BASIC)).status).toBe(200);
    expect((await get('/nothing')).json).toMatchObject({ code: 'rest_no_route' });
    await store.begin({ ...https, permalinks: 'plain' }, []);
    expect((await call('GET', plain, BASIC)).status).toBe(200);
    expect(await get('/orders')).toMatchObject({ status: 404, json: undefined });
  });

  test('can be busy, behind a firewall, slow, off, for so many calls', async () => {
    await store.begin(https, []);
    await store.control.setFaults({ rest: { answer: 'busy', retryAfterSeconds: 7, times: 1 } });
    const busy = await get('/orders');
    expect(busy).toMatchObject({ status: 503, json: undefined });
    expect(busy.headers.get('retry-after')).toBe('7');
    expect((await get('/orders')).status).toBe(200);
    await store.control.setFaults({ rest: { answer: 'firewall' } });
    expect(await get('/orders')).toMatchObject({ status: 403, json: undefined });
    await store.control.setFaults({ rest: { answer: 'off' } });
    expect(await get('/orders')).toMatchObject(error('rest_no_route', 404));
    await store.control.setFaults({ rest: { answer: 'cut' } });
    await expect(get('/orders')).rejects.toThrow('fetch failed');
    await store.control.setFaults({ rest: { slowMs: 100 } });
    const asked = performance.now();
    await get('/orders');
    expect(performance.now() - asked).toBeGreaterThanOrEqual(95);
  });
});
