import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type ApiForTests, startApi } from '../../../support/api.js';

let api: ApiForTests;
beforeAll(async () => {
  api = await startApi({ creditPolicy: { issuers: ['0xissuer'], channels: ['ALEPH_CREDIT'] } });
});
afterAll(() => api.close());

interface Answer {
  readonly status: number;
  readonly text: string;
}

async function call(path: string, body?: string): Promise<Answer> {
  const response = await fetch(`${api.url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Bearer ${api.operatorToken}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body }),
  });
  return { status: response.status, text: await response.text() };
}

const ok = async (path: string): Promise<unknown> => {
  const { status, text } = await call(path);
  expect(status, text).toBe(200);
  return JSON.parse(text);
};

/** The content is JSON text: JSON.stringify could not write amounts of this size. */
function message(
  hash: string,
  kind: 'distribution' | 'expense' | 'transfer',
  sender: string,
  content: string,
  at = '2026-03-01T00:00:00Z',
): Promise<Answer> {
  const envelope = { hash, type: `aleph_credit_${kind}`, sender, channel: 'ALEPH_CREDIT', at };
  return call(
    '/v1/credits/messages',
    `${JSON.stringify(envelope).slice(0, -1)},"content":{"${kind}":${content}}}`,
  );
}

const grants = (credits: string): string =>
  `{"token":"ALEPH","chain":"ETH","credits":[${credits}]}`;
const grant = (address: string, amount: string, more = ''): string =>
  `{"address":"${address}","amount":${amount},"price":1e-06,"tx_hash":"0xt","provider":"p"${more}}`;

const problem = z.object({ code: z.string() });
const codeOf = ({ text }: Answer): string => problem.parse(JSON.parse(text)).code;
const outcomeOf = ({ text }: Answer): string =>
  z.object({ outcome: z.string() }).parse(JSON.parse(text)).outcome;

test('messages: accepted, confirmed, without effect, refused', async () => {
  const content = grants(`${grant('0xa', '100')},${grant('0xbig', '8999999999999999999')}`);
  const first = await message('g1', 'distribution', '0xissuer', content);
  expect(first).toMatchObject({ status: 200 });
  expect(outcomeOf(first)).toBe('accepted');
  expect(outcomeOf(await message('g1', 'distribution', '0xissuer', content))).toBe('confirmed');
  expect(outcomeOf(await message('g2', 'distribution', '0xa', content))).toBe(
    'accepted_without_effect',
  );
  const transfer = (amount: string, to = '0xb'): Promise<Answer> =>
    message(
      `t-${amount}-${to}`,
      'transfer',
      '0xa',
      `{"credits":[{"address":"${to}","amount":${amount}}]}`,
      '2026-03-02T00:00:00Z',
    );
  expect(outcomeOf(await transfer('30'))).toBe('accepted');
  expect(codeOf(await transfer('71'))).toBe('credits.insufficient_balance');
  expect(codeOf(await transfer('1', '0xa'))).toBe('credits.self_transfer');
  for (const bad of ['0', '-1', '1.5', '1.0', '"1"', 'true', 'null']) {
    expect(codeOf(await transfer(bad)), bad).toBe('credits.amount_not_positive_int');
  }
  expect(codeOf(await transfer('99999999999999999999'))).toBe('credits.amount_too_large');
  const late = await message(
    't-late',
    'transfer',
    '0xa',
    '{"credits":[{"address":"0xb","amount":1}]}',
    '2026-02-10T00:00:00Z',
  );
  expect(codeOf(late)).toBe('credits.insufficient_balance');
  const uncovers = await message(
    'e-late',
    'expense',
    '0xissuer',
    '{"credits":[{"address":"0xa","amount":80}]}',
    '2026-03-01T12:00:00Z',
  );
  expect(codeOf(uncovers)).toBe('credits.would_uncover');
});

test('an idempotency key beside the hash does no harm, and other bodies are malformed', async () => {
  const response = await fetch(`${api.url}/v1/credits/messages`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${api.operatorToken}`,
      'content-type': 'application/json',
      'idempotency-key': 'k',
    },
    body: '{"hash":',
  });
  expect(response.status).toBe(400);
});

test('the reads of /v1', async () => {
  const base = '/v1/credits/aleph/addresses';
  expect(await ok(`${base}/0xa`)).toEqual({
    ...{ address: '0xa', unit: 'credits', balance: '70' },
    details: [{ expiresAt: null, amount: '70' }],
  });
  expect(await ok(`${base}?limit=1&minBalance=1`)).toMatchObject({
    balances: [{ address: '0xa', balance: '70' }],
  });
  const history = z.object({ entries: z.array(z.looseObject({})), nextCursor: z.string() });
  const page = history.parse(await ok(`${base}/0xa/history?limit=1`));
  expect(page.entries).toMatchObject([{ amount: '-30', origin: '0xb', creditIndex: 1 }]);
  expect(await ok(`${base}/0xa/history?limit=1&cursor=${page.nextCursor}`)).toMatchObject({
    ...{ entries: [{ amount: '100', price: '0.000001' }], nextCursor: null },
  });
  expect(await ok(`${base}/0xa/summary?direction=incoming`)).toEqual({
    ...{ unit: 'credits', entryCount: 1, total: '100', incoming: '100', outgoing: '0' },
  });
  expect(await ok('/v1/credits/resources/nothing/consumed')).toEqual({
    ...{ hash: 'nothing', consumedCredits: '0' },
  });
});

test('a NUL in a read is refused', async () => {
  const nul = Buffer.from('["\\u0000"]').toString('base64url');
  const base = '/v1/credits/aleph/addresses';
  for (const path of [
    `${base}?cursor=${nul}`,
    `${base}/0xa/history?origin=%00`,
    `${base}/0xa/history?excludePaymentMethods=%00`,
    `${base}/%00`,
    '/v1/credits/resources/%00/consumed',
  ]) {
    expect((await call(path)).status, path).toBe(400);
  }
  const cursor = Buffer.from('{"a":"\\u0000"}').toString('base64url');
  for (const path of [
    `/api/v0/credit_balances?cursor=${cursor}`,
    '/api/v0/addresses/%00/balance',
    '/api/v0/addresses/0xa/credit_history?origin=%00',
    '/api/v0/messages/%00/consumed_credits',
  ]) {
    expect((await call(path)).status, path).toBe(422);
  }
});

test("the peer's reads, with its numbers", async () => {
  const balance = await call('/api/v0/addresses/0xbig/balance?include_credit_details=true');
  expect(balance.text).toBe(
    '{"address":"0xbig","balance":0.0,"details":{},"locked_amount":0.0,"credit_balance":8999999999999999999,' +
      '"credit_balance_details":[{"expiration_date":null,"amount":8999999999999999999}]}',
  );
  expect(await ok('/api/v0/credit_balances?pagination=2&page=1&min_balance=1')).toMatchObject({
    credit_balances: [
      { address: '0xa', credits: 70 },
      { address: '0xb', credits: 30 },
    ],
    ...{ pagination_page: 1, pagination_per_page: 2, pagination_total: 3 },
    pagination_item: 'credit_balances',
  });
  const cursor = z.looseObject({ next_cursor: z.string() });
  const first = cursor.parse(await ok('/api/v0/credit_balances?pagination=2&cursor='));
  expect(Buffer.from(first.next_cursor, 'base64url').toString()).toBe('{"a":"0xb"}');
  expect(
    await ok(`/api/v0/credit_balances?pagination=2&cursor=${first.next_cursor}`),
  ).toMatchObject({ credit_balances: [{ address: '0xbig' }], next_cursor: null });

  const history = '/api/v0/addresses/0xa/credit_history';
  expect(await ok(`${history}?sort_by=expiration_date`)).toMatchObject({
    address: '0xa',
    credit_history: [{ credit_ref: 't-30-0xb', credit_index: 1 }, { price: '0.000001' }],
    ...{ pagination_page: 1, pagination_total: 2, pagination_per_page: 100 },
  });
  const page = cursor.parse(await ok(`${history}?pagination=1&cursor=`));
  const next = await ok(`${history}?pagination=1&cursor=${page.next_cursor}`);
  expect(next).toMatchObject({ credit_history: [{ amount: 100 }], next_cursor: null });
  expect(await ok(`${history}/summary`)).toEqual({
    ...{ address: '0xa', entry_count: 2, total_amount: 70 },
    ...{ total_incoming: 100, total_outgoing: -30 },
  });
  expect(await ok('/api/v0/addresses/nobody/credit_history/summary')).toMatchObject({
    entry_count: 0,
  });
  expect(await ok('/api/v0/messages/nothing/consumed_credits')).toEqual({
    ...{ item_hash: 'nothing', consumed_credits: 0 },
  });
  expect((await call('/api/v0/addresses/nobody/credit_history')).status).toBe(404);
  for (const bad of ['pagination=0', 'pagination=1001', 'page=0', 'sort_by=none', 'cursor=x']) {
    expect((await call(`${history}?${bad}`)).status, bad).toBe(422);
  }
  const sorted = `${history}?sort_by=amount&cursor=${page.next_cursor}`;
  expect((await call(sorted)).status).toBe(422);
  expect((await call(`${history}?startDate=20&endDate=10`)).status).toBe(422);
  expect((await call('/api/v0/credit_balances?min_balance=0')).status).toBe(422);
});
