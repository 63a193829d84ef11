import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { retryAfterMs } from '../../../../adapters/woocommerce/client/retry-after.js';
import { sign } from '../../../../adapters/woocommerce/client/sign.js';
import { StoreClient } from '../../../../adapters/woocommerce/client/store-client.js';
import { createLatch } from '../../../support/latch.js';

/** Answers that the simulated store never gives. */

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function storeThat(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<StoreClient> {
  const started = createServer(answer);
  server = started;
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${portOf(started)}/shop/`;
  return new StoreClient({ url, key: 'ck_1', secret: 'cs_1', timeoutMs: 5_000 });
}

function portOf(listening: Server | undefined): number {
  const address = listening?.address();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

const sending =
  (status: number, body: string, headers: Record<string, string> = {}) =>
  (_request: IncomingMessage, response: ServerResponse): void => {
    response.writeHead(status, headers).end(body);
  };

const ORDER =
  '{"id":7,"status":"pending","total":-8.0E-5,"date_created_gmt":"2026-03-02T09:00:00"}';

test('amounts are exact, in whatever form', async () => {
  const store = await storeThat(sending(200, ORDER));
  expect(await store.order(7n)).toMatchObject({ kind: 'ok', value: { total: '-0.000080' } });
  expect(await store.order(8n)).toEqual({ kind: 'unavailable', reason: 'order 7 in place of 8' });
});

test('a redirect is not followed', async () => {
  const paths: (string | undefined)[] = [];
  const store = await storeThat((request, response) => {
    paths.push(request.url?.split('?', 1)[0]);
    sending(301, '', { location: 'https://elsewhere.example/secret?a=b' })(request, response);
  });
  expect(await store.order(7n)).toEqual({
    kind: 'unavailable',
    reason: 'the store redirects to https://elsewhere.example',
  });
  expect(paths).toEqual(['/shop/wp-json/wc/v3/orders/7']);
});

test.each([
  [200, 'null'],
  [200, '{"id":7}'],
  [200, '<html>'],
  [200, ''],
  [404, '{"code":"another_404"}'],
  [403, '{"blocked":true}'],
  [500, '{"code":"internal_server_error"}'],
])('status %i with %s says nothing of the order', async (status, body) => {
  const store = await storeThat(sending(status, body));
  expect((await store.order(7n)).kind).toBe('unavailable');
});

test('one unreadable order does not hide the others, and is not passed over', async () => {
  const totals = { 'x-wp-total': '2', 'x-wp-totalpages': '1' };
  const store = await storeThat(sending(200, `[${ORDER},{"id":8,"status":5}]`, totals));
  expect(await store.orders({ orderBy: 'id', page: 1, perPage: 10 })).toMatchObject({
    kind: 'ok',
    value: { orders: [{ id: 7n }], unreadable: [{ id: 8n, raw: '{"id":8,"status":5}' }] },
  });
});

test('a list that does not say how long it is is no list', async () => {
  const store = await storeThat(sending(200, `[${ORDER}]`));
  const answer = await store.orders({ orderBy: 'id', page: 1, perPage: 10 });
  expect(answer.kind).toBe('unavailable');
});

test('at most two calls at once', async () => {
  let now = 0;
  let most = 0;
  const latch = createLatch();
  const store = await storeThat((request, response) => {
    if (request.url === '/other') {
      sending(200, '')(request, response);
      return;
    }
    now += 1;
    most = Math.max(most, now);
    void latch.opened.then(() => {
      now -= 1;
      sending(200, ORDER)(request, response);
    });
  });
  const calls = Array.from({ length: 12 }, () => store.order(7n));
  await expect.poll(() => now).toBeGreaterThanOrEqual(2);
  // A third call would have come in by the time that later ones are answered.
  for (let n = 0; n < 10; n += 1) await fetch(`http://127.0.0.1:${portOf(server)}/other`);
  latch.open();
  const answers = await Promise.all(calls);
  expect(answers.every(({ kind }) => kind === 'ok')).toBe(true);
  expect(most).toBe(2);
});

test('after five failures in a row the store is left alone', async () => {
  let asked = 0;
  const store = await storeThat((request, response) => {
    asked += 1;
    sending(500, '')(request, response);
  });
  for (let n = 0; n < 5; n += 1) {
    expect(await store.order(7n)).toEqual({ kind: 'unavailable', reason: 'status 500' });
  }
  expect(await store.order(7n)).toEqual({
    kind: 'unavailable',
    reason: 'not asked: it failed several times',
  });
  expect(asked).toBe(5);
});

test('over HTTPS the key goes as Basic, over HTTP only a signature goes', () => {
  const key = { key: 'ck_1', secret: 'cs_1' };
  const request = (url: string) =>
    sign({ method: 'GET', url: new URL(url), query: { status: 'a,b c' } }, key);
  expect(request('https://shop.example/x')).toEqual({
    url: 'https://shop.example/x?status=a%2Cb%20c',
    headers: { authorization: `Basic ${Buffer.from('ck_1:cs_1').toString('base64')}` },
  });
  const plain = request('http://shop.example/x');
  expect(plain.headers).toEqual({});
  expect(plain.url).toContain('oauth_signature_method=HMAC-SHA256');
  expect(plain.url).not.toContain('cs_1');
});

test.each([
  ['7', 7_000],
  ['Thu, 01 Jan 1970 00:00:10 GMT', 9_000],
  ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
  ['999999999', 3_600_000],
  ['soon', undefined],
  [null, undefined],
])('Retry-After: %s', (header, expected) => {
  expect(retryAfterMs(header, 1_000)).toBe(expected);
});
