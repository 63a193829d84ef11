import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { RefusalCode } from '../../../../domain/refusal.js';
import { DRAFTS, ROUTES, TRANSMISSIONS, UPLOADS } from './every-route.helper.js';
import { type Asked, ApiTester, type Headers, NEW_POST } from './tester.helper.js';

let tester: ApiTester;
let user: Headers;

beforeAll(async () => {
  tester = await ApiTester.start({ limits: { unpaidActions: 3 } });
  user = await tester.account(0n, 'user');
});
afterAll(() => tester.close());

const NO_TOKENS: readonly (readonly [string, RefusalCode])[] = [
  ['Bearer', 'auth.invalid_token'],
  ['Bearer ', 'auth.invalid_token'],
  ['Basic dXNlcjpwYXNz', 'auth.invalid_token'],
  ['Bearer qt_', 'auth.invalid_token'],
  [`Bearer qt_${'A'.repeat(43)}`, 'auth.invalid_token'],
  [`Bearer qt_${'A'.repeat(43)} x`, 'auth.invalid_token'],
  [`Bearer ${'x'.repeat(5_000)}`, 'auth.invalid_token'],
];

const NOT_FOR_ANYONE = ROUTES.filter(({ access }) => access !== 'anyone');
const FOR_OPERATORS = ROUTES.filter(({ access }) => access === 'operator');
const POSTS = ROUTES.filter(
  ({ method, url }) =>
    (method === 'POST' || method === 'PUT') && ![UPLOADS, TRANSMISSIONS, DRAFTS].includes(url),
);
const LISTS = ROUTES.filter(({ url }) =>
  /(actions|items|stuck|outbox|audit|order\/.*|incidents|stores|orders)$/.test(url),
).filter(({ method }) => method === 'GET');

describe('each route', () => {
  it('is tested here', async () => {
    const { json } = await tester.get('/openapi.json');
    const { paths } = z
      .object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) })
      .parse(json);
    for (const [path, methods] of Object.entries(paths)) {
      // Deliveries of stores are never refused for what they hold.
      if (!path.startsWith('/v1/') || path.includes('/webhooks')) continue;
      const pattern = new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`);
      for (const method of Object.keys(methods).map((name) => name.toUpperCase())) {
        const tested = ROUTES.some(
          ({ method: one, url }) => one === method && pattern.test(url.split('?')[0] ?? ''),
        );
        expect(tested, `${method} ${path}`).toBe(true);
      }
    }
  });

  it.each(ROUTES)('$method $url refuses malformed tokens', async (asked) => {
    await tester.refusesAll(
      NO_TOKENS.map(([authorization, code]) => [{ ...asked, headers: { authorization } }, code]),
    );
    const answer = await tester.ask({ ...asked, headers: { authorization: 'Bearer x' } });
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="quittance"');
  });

  it.each(NOT_FOR_ANYONE)('$method $url refuses callers without a token', async (asked) => {
    await tester.refuses(asked, 'auth.required');
  });

  it.each(FOR_OPERATORS)('$method $url refuses callers who are not operators', async (asked) => {
    // Before the body is validated: strangers do not learn what would be valid.
    const broken = ['POST', 'PUT'].includes(asked.method) ? { body: '{' } : {};
    await tester.refusesAll([
      [{ ...asked, headers: user }, 'auth.operator_required'],
      [{ ...asked, headers: user, ...broken }, 'auth.operator_required'],
    ]);
  });

  it.each(POSTS)('$method $url refuses malformed bodies', async (asked) => {
    const headers = asked.access === 'operator' ? tester.operator : user;
    const broken = [
      '{',
      '[',
      '"',
      '{"a":1}}',
      'nul',
      '\ufeff{',
      '{"__proto__":{}}',
      '{"constructor":{"prototype":{}}}',
      '{"a":"\\u0000"}',
      '{"\\ud800":1}',
      '{"a":1e999}',
      `${'['.repeat(33)}${']'.repeat(33)}`,
      '['.repeat(100_000),
    ];
    const ofOtherForm = ['[]', '1', '"text"', 'true', '{"surprise":1}'];
    const types = [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/xml',
      'application/jsonx',
      'nonsense',
    ];
    const large = JSON.stringify({ a: 'x'.repeat(1024 * 1024) });
    const of = (body: string, code: RefusalCode) => [{ ...asked, headers, body }, code] as const;
    const problems = await tester.refusesAll([
      ...ofOtherForm.map((body) => of(body, 'request.invalid')),
      ...broken.map((body) => of(body, 'request.malformed')),
      ...types.map((type) => {
        const typed = { ...asked, body: '{}', headers: { ...headers, 'content-type': type } };
        return [typed, 'request.unsupported_media_type'] as const;
      }),
      of(large, 'request.too_large'),
    ]);
    for (const { errors } of problems.slice(0, ofOtherForm.length)) expect(errors).not.toEqual([]);
  });

  it.each(LISTS)('$method $url refuses unknown query fields', async (asked) => {
    const headers = asked.access === 'operator' ? tester.operator : user;
    const problem = await tester.refuses(
      { ...asked, url: `${asked.url}?surprise=1`, headers },
      'request.invalid',
    );
    expect(problem.errors).toEqual([{ path: 'surprise', message: 'is not known' }]);
    const queries = [
      'limit=0',
      'limit=201',
      'limit=',
      'limit=1.5',
      'limit=-1',
      'limit=1&limit=2',
      'cursor=',
      'cursor=x',
      'cursor=%00',
      `cursor=${'x'.repeat(400)}`,
      'cursor=bnVsbA',
      'cursor=W10',
    ];
    const problems = await tester.refusesAll(
      queries.map((query) => [
        { ...asked, url: `${asked.url}?${query}`, headers },
        'request.invalid',
      ]),
    );
    for (const [n, query] of queries.entries()) {
      expect(problems[n]?.errors[0]?.path).toBe(query.slice(0, query.indexOf('=')));
    }
  });
});

describe('a valid request that is not possible', () => {
  const open = (body: object, headers: Headers): Asked => ({
    method: 'POST',
    url: '/v1/actions',
    body: { ...NEW_POST, ...body },
    headers,
  });

  it('is refused by the state of its resource', async () => {
    const author = await tester.account();
    const { result } = await tester.open(author);
    const itemId = result['itemId'] ?? '';
    const zap = (id: string) => ({ type: 'ZAP', args: { itemId: id, sats: 1 } });
    await tester.refuses(open(zap('999999'), user), 'item.not_found');
    await tester.refuses(open(zap(itemId), user), 'item.not_found');
    await tester.refuses(open(zap(itemId), {}), 'item.not_found');
    await tester.refuses(open(zap(itemId), author), 'item.unpaid');
    const rich = await tester.account(10_000n);
    const { itemId: own = '' } = (await tester.open(rich)).result;
    await tester.refuses(open(zap(own), rich), 'item.own');
    await tester.refuses({ method: 'GET', url: '/v1/items?author=me' }, 'auth.required');
  });

  it('is refused if the payment method is not possible', async () => {
    await tester.refuses(open({ payment: 'credits' }, user), 'action.insufficient_credits');
    await tester.refuses(open({ payment: 'credits' }, {}), 'action.flow_not_supported');
  });

  it('is refused if too many actions are unpaid', async () => {
    const busy = await tester.account();
    const failed = await tester.failed(busy);
    for (let n = 0; n < 3; n += 1) await tester.open(busy);
    await tester.refuses(open({}, busy), 'action.too_many_unpaid');
    const url = `/v1/actions/${failed.id}/retry`;
    await tester.refuses(
      { method: 'POST', url, body: { attempt: 1 }, headers: busy },
      'action.too_many_unpaid',
    );
  });

  it('is refused with the cursor of another list', async () => {
    await tester.paidPost();
    await tester.paidPost();
    const page = (await tester.get('/v1/items?limit=1')).json as { nextCursor: string };
    const url = `/v1/items?author=me&cursor=${page.nextCursor}`;
    await tester.refuses({ method: 'GET', url, headers: user }, 'request.invalid');
    const actions = `/v1/actions?cursor=${page.nextCursor}`;
    await tester.refuses({ method: 'GET', url: actions, headers: user }, 'request.invalid');
  });
});
