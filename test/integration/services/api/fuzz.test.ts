import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { brokenRules } from '../../../support/books.js';
import { type Asked, ApiTester, type Headers, problemIn } from './tester.helper.js';

let tester: ApiTester;
let callers: readonly Headers[];

beforeAll(async () => {
  tester = await ApiTester.start();
  const account = await tester.account(50_000n, 'fuzzer');
  callers = [{}, account, tester.operator, { authorization: 'Bearer nonsense' }];
});
afterAll(async () => {
  expect(await brokenRules(tester.api.pool)).toEqual([]);
  await tester.close();
});

const segment = fc.oneof(
  fc.uuid(),
  fc.integer().map(String),
  fc.string({ unit: 'binary' }).map((text) => encodeURIComponent(text.toWellFormed())),
  fc.constantFrom('me', 'fuzzer', 'order', 'attempt', '..', '%2e%2e', '%', '%00', '%ff', ';', '*'),
);
const value = fc.oneof(
  fc.constantFrom(
    'me',
    'open',
    '1',
    '0',
    '-1',
    '9223372036854775808',
    'WyIxIiwiMSJd',
    'WyJwYWlkIiwiMSIsIjEiXQ',
  ),
  fc.string({ unit: 'binary' }),
);
const query = fc.array(
  fc.tuple(fc.constantFrom('cursor', 'limit', 'state', 'author', '__proto__', 'x'), value),
  { maxLength: 3 },
);
/** Each field may be valid, of the wrong type, or arbitrary. */
const anything = fc.jsonValue({ maxDepth: 3, stringUnit: 'binary' });
const orAnything = (...valid: readonly unknown[]) =>
  fc.oneof(fc.constantFrom(...valid), anything, fc.bigInt().map(String), fc.double());
const args = fc.oneof(
  anything,
  fc.record(
    {
      title: orAnything('a title that is fine'),
      url: orAnything('https://example.org/'),
      text: orAnything('text', '\u0000', '\ud800'),
      itemId: orAnything('1', '999999999999999999'),
      sats: orAnything(1, 1_000_000),
    },
    { requiredKeys: [] },
  ),
);
const body = fc.oneof(
  anything,
  fc.record(
    {
      type: orAnything('ITEM_CREATE', 'ZAP'),
      args,
      payment: orAnything('auto', 'credits', 'invoice'),
      invoiceExpirySeconds: orAnything(1, 600),
      attempt: orAnything(1, 2_147_483_647),
      name: orAnything('fuzzer', 'other'),
      role: orAnything('user'),
      asset: orAnything('CREDITS', 'SATS'),
      amountMsat: orAnything('1', '9223372036854775807', '2100000000000000000'),
      reason: orAnything('because'),
      label: orAnything(''),
    },
    { requiredKeys: [] },
  ),
);
const payload = fc.oneof(
  { weight: 5, arbitrary: body.map((json) => JSON.stringify(json)) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
);
const headers = fc.record(
  {
    'idempotency-key': fc.oneof(fc.constantFrom('k1', 'k2', 'k3'), fc.string()),
    'quittance-client-secret': fc.oneof(fc.constant('0123456789abcdef'), fc.string()),
    'quittance-capability': fc.string(),
    'content-type': fc.constantFrom(
      'application/json',
      'application/json; charset=utf-16',
      'text/plain',
      '',
    ),
    'x-request-id': fc.string(),
  },
  { requiredKeys: [] },
);

/** Only fields that the route has: otherwise nearly every body is refused for unknown fields. */
const only = (names: readonly string[]) =>
  body.map((json) =>
    JSON.stringify(
      typeof json === 'object' && json !== null
        ? Object.fromEntries(Object.entries(json).filter(([name]) => names.includes(name)))
        : json,
    ),
  );

const ROUTES: readonly (readonly [Asked['method'], string, readonly string[]])[] = [
  ['GET', '/v1/accounts/me', []],
  ['POST', '/v1/accounts', ['name', 'role']],
  ['POST', '/v1/accounts/:/tokens', ['label']],
  ['POST', '/v1/accounts/:/tokens/revoke', []],
  ['POST', '/v1/accounts/:/credits', ['asset', 'amountMsat', 'reason']],
  ['POST', '/v1/actions', ['type', 'args', 'payment', 'invoiceExpirySeconds']],
  ['GET', '/v1/actions', []],
  ['GET', '/v1/actions/:', []],
  ['POST', '/v1/actions/:/cancel', []],
  ['POST', '/v1/actions/:/retry', ['attempt', 'payment', 'invoiceExpirySeconds']],
  ['POST', '/v1/actions/:/claims/collect', []],
  ['GET', '/v1/items', []],
  ['GET', '/v1/items/:', []],
  ['GET', '/v1/operator/stuck', []],
  ['GET', '/v1/operator/outbox', []],
  ['GET', '/v1/operator/payments/:', []],
  ['GET', '/v1/operator/transitions/:/:', []],
  ['GET', '/v1/stores/:/thresholds', []],
  ['POST', '/v1/stores/:/erasures', ['email', 'order', 'before', 'preview']],
  ['PUT', '/v1/stores/:/slips', ['slips']],
  ['PUT', '/v1/stores/:/opening-hours', ['week', 'holidays', 'alarmsPerDay', 'medianHours']],
];

describe('arbitrary requests', () => {
  it.each(ROUTES)('%s %s never answers 500', async (method, path, fields) => {
    const asked = fc.record({
      segments: fc.tuple(segment, segment),
      query,
      headers,
      caller: fc.nat(3),
      body: fc.oneof(payload, only(fields)),
    });
    const property = fc.asyncProperty(asked, async (given) => {
      const [first, second] = given.segments;
      const url = path.replace(':', first).replace(':', second);
      const search = new URLSearchParams();
      for (const [name, text] of given.query) search.append(name, text.toWellFormed());
      const answer = await tester.ask({
        method,
        url: given.query.length === 0 ? url : `${url}?${search.toString()}`,
        headers: { ...given.headers, ...callers[given.caller] },
        ...(method === 'GET' ? {} : { body: given.body }),
      });
      expect(answer.status, `${method} ${url} ${answer.text}`).toBeLessThan(500);
      if (answer.status >= 400) problemIn(answer);
    });
    await fc.assert(property, { numRuns: 150 });
  });
});
