import { pino } from 'pino';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildSatelliteApi } from '../../../../../services/api/server.js';
import {
  confirm,
  type Fixture,
  orderFixture,
} from '../../../engine/transmissions/fixture.helper.js';
import { OPEN } from './harness.helper.js';

describe('the Satellite API at an address of its own', () => {
  let fixture: Fixture;
  let app: FastifyInstance;
  const build = (satellite = OPEN): FastifyInstance =>
    buildSatelliteApi({
      ...{ engine: fixture.engine, reads: fixture.pool, satellite },
      ...{ logger: pino({ level: 'silent' }), opsRoutes: {} },
    });
  beforeAll(async () => {
    fixture = await orderFixture();
    app = build();
    await app.ready();
  });
  afterAll(async () => {
    await app.close();
    await fixture.close();
  });

  it.each(['/', '/nothing', '/v1/items', '/order/', '/admin/info', '/subscribe'])(
    '%s is a page that says it does not exist',
    async (url) => {
      const answer = await app.inject(url);
      expect(answer.statusCode).toBe(404);
      expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
      expect(answer.body).toContain('<title>404 Not Found</title>');
    },
  );

  it.each([
    ['GET', '/order', 'POST, OPTIONS'],
    ['DELETE', '/order/x/bump', 'POST, OPTIONS'],
    ['PUT', '/order/x', 'GET, DELETE, HEAD, OPTIONS'],
    ['POST', '/orders/pending', 'GET, HEAD, OPTIONS'],
    ['POST', '/info', 'GET, HEAD, OPTIONS'],
    ['GET', '/callback/a/b', 'POST, OPTIONS'],
    ['GET', '/order/tx/1', 'POST, OPTIONS'],
    ['PATCH', '/admin/order', 'POST, OPTIONS'],
  ] as const)('%s %s is not allowed', async (method, url, allow) => {
    const answer = await app.inject({ method, url });
    expect([answer.statusCode, answer.headers.allow, answer.body]).toEqual([
      405,
      allow,
      '{"message": "The method is not allowed for the requested URL."}\n',
    ]);
    const options = await app.inject({ method: 'OPTIONS', url });
    expect([options.statusCode, options.headers.allow, options.body]).toEqual([200, allow, '']);
  });

  it.each(['/orders/pending', '/queue.html', '/admin/orders/pending'])(
    'HEAD %s works as GET does',
    async (url) => {
      const answer = await app.inject({ method: 'HEAD', url });
      expect([answer.statusCode, answer.body]).toEqual([200, '']);
    },
  );

  it('opens what is public to all pages, and nothing else', async () => {
    const headers = { origin: 'https://example.org' };
    const allowed = async (url: string) =>
      (await app.inject({ url, headers })).headers['access-control-allow-origin'];
    expect(await allowed('/orders/pending')).toBe('*');
    expect(await allowed('/order/x')).toBe('*');
    expect(await allowed('/admin/orders/pending')).toBeUndefined();
    expect(await allowed('/subscribe/auth')).toBeUndefined();
  });

  it('ignores a body of JSON', async () => {
    const answer = await app.inject({
      method: 'POST',
      url: '/order',
      payload: { bid: 1000, message: 'x' },
    });
    expect(answer.json()).toMatchObject({ errors: [{ code: 126 }] });
  });

  it('has a page of the queues, whose script its policy allows', async () => {
    const answer = await app.inject('/queue.html?channel=4');
    expect(answer.headers['content-type']).toBe('text/html');
    expect(answer.headers['content-security-policy']).toMatch(/script-src 'sha256-/);
    expect(answer.body).toContain('id="queued"');
  });

  it('pays by itself where that is forced, and shows what was sent in development only', async () => {
    const forced = build({ ...OPEN, forcePayment: true });
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const opened = await forced.inject({
      method: 'POST',
      url: '/order',
      headers: form,
      payload: 'bid=1000&message=hello',
    });
    const { uuid } = opened.json<{ uuid: string }>();
    const sent = await forced.inject(`/order/${uuid}/sent_message`);
    expect([sent.statusCode, sent.body]).toEqual([200, 'hello']);
    await confirm(fixture, 'tx', 1);
    const production = build({ ...OPEN, development: false });
    const hidden = await production.inject(`/order/${uuid}/sent_message`);
    expect([hidden.statusCode, hidden.body]).toEqual([404, expect.stringContaining('<h1>')]);
    await forced.close();
    await production.close();
  });
});
