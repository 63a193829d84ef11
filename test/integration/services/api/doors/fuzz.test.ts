import fc from 'fast-check';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { brokenRules } from '../../../../support/books.js';
import { ApiTester, type Headers } from '../tester.helper.js';

const NUM_RUNS = 60;
const errors: string[] = [];
let tester: ApiTester;
let account: Headers;

beforeAll(async () => {
  const write = (line: string): void => void errors.push(line);
  tester = await ApiTester.start({ logger: pino({ level: 'error' }, { write }) });
  account = await tester.account(1_000n, 'fuzzer');
});
afterAll(async () => {
  expect(errors).toEqual([]);
  expect(await brokenRules(tester.api.pool)).toEqual([]);
  await tester.close();
});

const TEXTS = ['\0', '\ud800', '__proto__', 'toString', '9'.repeat(30), '-1', '1', 'é', '%', ''];
const TIMES = ['2026-02-30T00:00:00Z', '9999-12-31T23:59:59-12:00', '2026-01-01T00:00:00.1234567Z'];
const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...TEXTS, ...TIMES));
const part = text.map((one) => encodeURIComponent(one.toWellFormed()) || 'x');
const cursor = fc.oneof(
  text,
  fc
    .oneof(
      fc.jsonValue({ stringUnit: 'binary' }),
      fc.record({
        s: text,
        v: fc.oneof(text, fc.double()),
        o: fc.integer(),
        r: text,
        i: fc.integer(),
      }),
      fc.record({ t: text, r: text, i: fc.integer() }),
      fc.record({ a: text }),
      fc.array(text, { maxLength: 3 }),
    )
    .map((json) => Buffer.from(JSON.stringify(json)).toString('base64url')),
);
const NAMES = [
  ...['sort_by', 'sort_order', 'pagination', 'page', 'min_balance', 'minBalance', 'limit'],
  ...[
    'startDate',
    'endDate',
    'from',
    'to',
    'direction',
    'token',
    'resource',
    'txHash',
    'hasExpiration',
  ],
];
const query = fc
  .tuple(
    fc.option(cursor, { nil: undefined }),
    fc.array(fc.tuple(fc.constantFrom(...NAMES), text), { maxLength: 3 }),
  )
  .map(([at, pairs]) => {
    const search = new URLSearchParams();
    for (const [name, value] of pairs) search.append(name, value.toWellFormed());
    if (at !== undefined) search.set('cursor', at.toWellFormed());
    return search.toString();
  });

describe('arbitrary parts, queries and cursors', () => {
  it.each([
    '/api/v0/addresses/:/balance',
    '/api/v0/credit_balances',
    '/api/v0/addresses/:/credit_history',
    '/api/v0/addresses/:/credit_history/summary',
    '/api/v0/messages/:/consumed_credits',
    '/v1/credits/aleph/addresses',
    '/v1/credits/aleph/addresses/:/history',
    '/v1/credits/actions/addresses/:/summary',
    '/v1/credits/resources/:/consumed',
    '/order/:',
    '/message/:',
  ])('of GET %s never fail', async (path) => {
    const property = fc.asyncProperty(part, query, fc.boolean(), async (one, search, operator) => {
      const url = `${path.replace(':', one)}?${search}`;
      const { status, text: body } = await tester.get(url, operator ? tester.operator : account);
      expect(status, `${url} ${body}`).toBeLessThan(500);
    });
    await fc.assert(property, { numRuns: NUM_RUNS });
  });
});

describe('arbitrary forms', () => {
  const value = fc.oneof(text, fc.constantFrom('5000', '[0,1]', 'hello', '1', '9007199254740993'));
  const name = fc.oneof(
    fc.constantFrom('bid', 'message', 'regions', 'channel', 'auth_token'),
    text,
  );
  const fields = fc.array(fc.tuple(name, value), { maxLength: 6 });
  const urlencoded = fields.map((pairs) => ({
    type: 'application/x-www-form-urlencoded',
    body: Buffer.from(pairs.map(([key, one]) => `${key}=${one}`).join('&')),
  }));
  const head = fc.constantFrom(
    '',
    '; filename="f"',
    '\r\nContent-Type: application/json',
    '"',
    '\n',
  );
  const multipart = fc
    .tuple(
      fc.array(fc.tuple(name, head, value), { maxLength: 6 }),
      fc.constantFrom('--b--\r\n', '--b--', '--b', ''),
      fc.constantFrom('b', '"b"', 'c', '', 'b'.repeat(7_000)),
    )
    .map(([parts, end, boundary]) => ({
      type: `multipart/form-data; boundary=${boundary}`,
      body: Buffer.from(
        parts
          .map(
            ([key, more, one]) =>
              `--b\r\nContent-Disposition: form-data; name="${key}"${more}\r\n\r\n${one}\r\n`,
          )
          .join('') + end,
      ),
    }));
  const bytes = fc.uint8Array({ maxLength: 200 }).map((raw) => ({
    type: 'multipart/form-data; boundary=b',
    body: Buffer.from(raw),
  }));

  it.each(['POST', 'GET', 'DELETE'] as const)('sent by %s never fail', async (method) => {
    const forms = fc.oneof(urlencoded, multipart, bytes);
    const property = fc.asyncProperty(forms, async ({ type, body }) => {
      const answer = await tester.api.app.inject({
        ...{ method, url: method === 'POST' ? '/order' : '/order/x' },
        headers: { 'content-type': type },
        payload: body,
      });
      expect(answer.statusCode, answer.payload).toBeLessThan(500);
    });
    await fc.assert(property, { numRuns: NUM_RUNS });
  });
});

it('arbitrary credit messages never fail', async () => {
  const field = fc.oneof(text, fc.integer(), fc.constantFrom('x'.repeat(9_000), null), fc.double());
  const entry = fc.dictionary(
    fc.constantFrom(
      'address',
      'amount',
      'price',
      'tx_hash',
      'provider',
      'ref',
      'expiration',
      'size',
    ),
    field,
  );
  const list = fc.oneof(fc.array(entry, { maxLength: 3 }), field);
  const property = fc.asyncProperty(
    fc.constantFrom('distribution', 'expense', 'transfer'),
    ...([list, fc.oneof(fc.constant('2026-11-01T00:00:00Z'), text), text] as const),
    async (kind, credits, at, sender) => {
      const content = { [kind]: { token: 'ALEPH', chain: 'ETH', credits } };
      const body = { hash: 'h', type: `aleph_credit_${kind}`, channel: 'ALEPH_CREDIT' };
      const message = { ...body, sender, at, content };
      const answer = await tester.post('/v1/credits/messages', message, tester.operator);
      expect(answer.status, answer.text).toBeLessThan(500);
    },
  );
  await fc.assert(property, { numRuns: NUM_RUNS });
});
