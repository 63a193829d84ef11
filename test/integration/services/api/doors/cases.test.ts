import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answered, ApiTester, type Headers, NEW_POST } from '../tester.helper.js';
import { RawConnection } from './socket.helper.js';

const ISSUER = '0xissuer';
let tester: ApiTester;
let carol: Headers;
let ownId: string;

beforeAll(async () => {
  tester = await ApiTester.start({
    creditPolicy: { issuers: [ISSUER], channels: ['ALEPH_CREDIT'] },
    corsOrigins: ['https://shop.example'],
    slowest: { headersMs: 300, requestMs: 600 },
  });
  carol = await tester.account(5_000n, 'carol');
  const me = await tester.get('/v1/accounts/me', carol);
  ownId = (me.json as { id: string }).id;
});
afterAll(() => tester.close());

const grants = (address: string, more: object = {}) => ({
  hash: randomUUID(),
  type: 'aleph_credit_distribution',
  sender: ISSUER,
  channel: 'ALEPH_CREDIT',
  at: '2026-11-01T00:00:00Z',
  content: {
    distribution: {
      token: 'ALEPH',
      chain: 'ETH',
      credits: [{ address, amount: 10, price: '1', tx_hash: 'x', provider: 'p', ...more }],
    },
  },
});
const submit = (message: object): Promise<Answered> =>
  tester.post('/v1/credits/messages', message, tester.operator);
const codeOf = ({ json }: Answered): unknown => (json as { code?: unknown }).code;
const fieldsOf = ({ json }: Answered): unknown =>
  (json as { errors: { path: string }[] }).errors.map(({ path }) => path);

describe('times', () => {
  const NO_TIMES = [
    '2099-01-01T00:00:00.000000000Z',
    '2099-01-01T00:00:00.0000000Z',
    '9999-12-31T23:59:59-12:00',
    '0000-01-01T00:00:00+12:00',
    '0001-01-01T00:00:00+00:01',
    '2026-02-30T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01',
  ];

  it.each(NO_TIMES)('%s is refused by each field that takes a time', async (time) => {
    const own = `/v1/credits/actions/addresses/${ownId}`;
    const query = encodeURIComponent(time);
    for (const list of ['history', 'summary']) {
      for (const name of ['from', 'to']) {
        const answer = await tester.get(`${own}/${list}?${name}=${query}`, carol);
        expect([answer.status, fieldsOf(answer)], `${list} ${name}`).toEqual([400, [name]]);
      }
    }
    const grant = { amountMsat: '1', reason: 'r', expiresAt: time };
    const granted = await tester.post('/v1/accounts/carol/credits', grant, tester.operator);
    expect([granted.status, fieldsOf(granted)]).toEqual([400, ['expiresAt']]);
    const message = await submit({ ...grants('0xa'), at: time });
    expect([message.status, fieldsOf(message)]).toEqual([400, ['at']]);
  });

  it('at the edges are taken', async () => {
    for (const from of ['0001-01-01T00:00:00Z', '9999-12-31T23:59:59.999999Z']) {
      const url = `/v1/credits/actions/addresses/${ownId}/history?from=${from}`;
      expect((await tester.get(url, carol)).status).toBe(200);
    }
  });
});

describe('the peer’s reads', () => {
  const HISTORY = '/api/v0/addresses/0xa/credit_history';
  const cursor = (value: unknown, sort = 'message_timestamp'): string =>
    Buffer.from(JSON.stringify({ i: 0, o: -1, r: 'x', s: sort, v: value })).toString('base64url');

  it.each(['toString', 'constructor', '__proto__', 'valueOf', 'hasOwnProperty'])(
    'sort_by=%s is refused',
    async (name) => {
      expect((await tester.get(`${HISTORY}?sort_by=${name}`)).status).toBe(422);
    },
  );

  it.each(['1', '2020', '2020-02-30T00:00:00Z', '+275760-09-13T00:00:00Z', 5, '', '\ud800'])(
    'a cursor with value %j is refused',
    async (value) => {
      for (const sort of ['message_timestamp', 'expiration_date']) {
        const url = `${HISTORY}?sort_by=${sort}&cursor=${cursor(value, sort)}`;
        expect((await tester.get(url)).status, sort).toBe(422);
      }
    },
  );
});

describe('addresses', () => {
  const LONG = 'a'.repeat(180);

  it('of up to 200 characters are answered', async () => {
    const paths: readonly (readonly [string, number])[] = [
      [`/v1/credits/aleph/addresses/${LONG}`, 200],
      [`/v1/credits/resources/${LONG}/consumed`, 200],
      [`/api/v0/addresses/${LONG}/balance`, 200],
      [`/api/v0/addresses/${LONG}/credit_history`, 404],
      [`/api/v0/messages/${LONG}/consumed_credits`, 200],
    ];
    for (const [path, status] of paths) {
      expect((await tester.get(path, carol)).status, path).toBe(status);
    }
    for (const length of [101, 200, 5_000]) {
      const part = '1'.repeat(length);
      expect((await tester.get(`/order/${part}`)).json).toMatchObject({ errors: [{ code: 104 }] });
      expect((await tester.get(`/message/${part}`)).json).toMatchObject({
        errors: [{ code: 114 }],
      });
    }
  });

  it('in ledger actions are accounts, by id or name', async () => {
    const balance = (who: string, headers: Headers) =>
      tester.get(`/v1/credits/actions/addresses/${who}`, headers);
    for (const headers of [carol, tester.operator]) {
      for (const who of ['carol', ownId, ownId.toUpperCase()]) {
        expect((await balance(who, headers)).json).toMatchObject({
          address: ownId,
          balance: '5000',
        });
      }
    }
    for (const who of ['nobody', randomUUID(), 'CAROL']) {
      expect(codeOf(await balance(who, tester.operator))).toBe('account.not_found');
      expect(codeOf(await balance(who, carol))).toBe('auth.operator_required');
    }
  });

  it('that could not be read again are not granted to', async () => {
    for (const address of ['x'.repeat(201), 'a\nb', 'a\u0085', 'x'.repeat(4_800)]) {
      expect(codeOf(await submit(grants(address)))).toBe('credits.invalid_message');
    }
    expect((await submit(grants('0xfine'))).status).toBe(200);
  });

  it('of before that rule break no list', async () => {
    await tester.api.pool.query(
      `with old as (select unnest(array[$1, E'a\\nb']) as address),
       history as (
         insert into credit_history (ledger, credit_ref, credit_index, address, amount, at)
         select 'aleph', 'old/' || md5(address), 0, address, 10, now() from old returning *),
       accounts as (
         insert into credit_accounts (ledger, address, granted) select 'aleph', address, 10 from old)
       insert into credit_lots (ledger, address, credit_ref, credit_index, amount, remaining, granted_at)
       select ledger, address, credit_ref, 0, 10, 10, at from history`,
      ['x'.repeat(300)],
    );
    const list = await tester.get('/v1/credits/aleph/addresses', carol);
    expect(list.status, list.text).toBe(200);
    expect(list.text).toContain('x'.repeat(300));
  });
});

it('texts that no index holds are refused', async () => {
  const long = Array.from({ length: 8_000 }, (_, n) => String.fromCodePoint(0x4e00 + n)).join('');
  expect(codeOf(await submit(grants('0xa', { ref: long })))).toBe('credits.invalid_message');
  for (const field of ['ref', 'execution_id']) {
    const entry = { address: '0xfine', amount: 1, [field]: long };
    const message = { ...grants('0xa'), type: 'aleph_credit_expense' };
    const answer = await submit({ ...message, content: { expense: { credits: [entry] } } });
    expect(codeOf(answer), field).toBe('credits.invalid_message');
  }
});

it('transitions of an attempt need its number, those of an order have none', async () => {
  const get = (path: string) => tester.get(`/v1/operator/transitions/${path}`, tester.operator);
  expect((await get(`attempt/${randomUUID()}`)).status).toBe(400);
  expect((await get(`order/${randomUUID()}%2F1`)).status).toBe(400);
  expect((await get(`attempt/${randomUUID()}%2F1`)).status).toBe(200);
  expect((await get(`order/${randomUUID()}`)).status).toBe(200);
});

describe('what is sent twice', () => {
  it.each(['{"type":"ITEM_CREATE","type":"ZAP","args":{}}', '{"a":{"b":1,"\\u0062":2}}'])(
    'is refused as a key: %s',
    async (body) => {
      const answer = await tester.post('/v1/actions', body, carol);
      expect([codeOf(answer), answer.text]).toEqual([
        'request.malformed',
        expect.stringContaining('twice'),
      ]);
    },
  );

  it('is taken where it is not the same object', async () => {
    const args = { title: 'a "title": of, {"type": 1}', text: '{"a":1,"a":1}' };
    expect((await tester.post('/v1/actions', { ...NEW_POST, args }, carol)).status).toBe(201);
  });

  it.each(['Authorization', 'Idempotency-Key', 'Quittance-Capability', 'Content-Type'])(
    'is refused as header %s',
    async (name) => {
      const connection = new RawConnection(tester.api.url);
      connection.send(
        `GET /v1/items HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${name}: a\r\n${name}: b\r\n\r\n`,
      );
      expect((await connection.answer()).text).toMatch(/^HTTP\/1\.1 400 .*request\.malformed/s);
    },
  );
});

describe('slow requests', () => {
  it.each([
    ['head', 'GET /v1/items HTTP/1.1\r\nHost: x\r\nX-Slow: '],
    [
      'body',
      'POST /order HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 99\r\n\r\nx',
    ],
  ])('are told that they were: %s', async (_part, bytes) => {
    const connection = new RawConnection(tester.api.url);
    connection.send(bytes);
    expect((await connection.answer()).text).toMatch(/^HTTP\/1\.1 408 .*request\.too_slow/s);
  });
});

describe('pages of other origins', () => {
  const preflight = (url: string, origin: string) =>
    tester.ask({
      method: 'OPTIONS',
      url,
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'x-auth-token',
      },
    });

  it('may all call the peers’ routes, and read errors', async () => {
    for (const url of ['/order', `/order/${randomUUID()}`, '/api/v0/credit_balances']) {
      const { status, headers } = await preflight(url, 'https://any.example');
      expect([status, headers['access-control-allow-origin']], url).toEqual([200, '*']);
      expect(headers['access-control-allow-methods']).toBe('GET, POST, OPTIONS, DELETE');
      expect(String(headers['access-control-allow-headers'])).toContain('X-Auth-Token');
    }
    const error = await tester.get('/order/x', { origin: 'https://any.example' });
    expect([error.status, error.headers['access-control-allow-origin']]).toEqual([404, '*']);
  });

  it('may call /v1 where the setting names them', async () => {
    const allowed = await preflight('/v1/actions', 'https://shop.example');
    expect([allowed.status, allowed.headers['access-control-allow-origin']]).toEqual([
      200,
      'https://shop.example',
    ]);
    const error = await tester.get('/v1/accounts/me', { origin: 'https://shop.example' });
    expect([error.status, error.headers['access-control-allow-origin']]).toEqual([
      401,
      'https://shop.example',
    ]);
    const other = await preflight('/v1/actions', 'https://any.example');
    expect(other.headers['access-control-allow-origin']).toBeUndefined();
  });
});

it('answers are neither guessed at, nor framed, nor run', async () => {
  for (const url of ['/v1/items', '/nowhere', '/order/x', '/api/v0/credit_balances', '/docs/']) {
    const { headers } = await tester.get(url);
    expect(headers['x-content-type-options'], url).toBe('nosniff');
    expect(headers['content-security-policy'], url).toContain("frame-ancestors 'none'");
  }
});

describe('titles', () => {
  const open = (title: string) =>
    tester.post('/v1/actions', { ...NEW_POST, args: { title } }, carol);

  it.each([
    '\u202Egnp.exe and more',
    'two\nlines of text',
    'an \u001b[31m escape',
    '\u2800'.repeat(9),
    '\u115F'.repeat(9),
    '\u00AD'.repeat(9),
    `a${'\u200B'.repeat(9)}`,
    'one\u2028two three',
  ])('%j is refused', async (title) => {
    const answer = await open(title);
    expect([codeOf(answer), fieldsOf(answer)]).toEqual(['action.invalid_args', ['args.title']]);
  });

  it.each(['plain words', '👩‍👩‍👧 family of three', 'עברית בסדר', 'naïve — “quotes”'])(
    '%j is taken',
    async (title) => expect((await open(title)).status).toBe(201),
  );
});
