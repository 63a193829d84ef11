import { grantAnswer, ownAccountAnswer } from '@quittance/sdk/answers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { brokenRules } from '../../../support/books.js';
import { ApiTester, type Headers } from './tester.helper.js';

let tester: ApiTester;

beforeAll(async () => {
  tester = await ApiTester.start();
});
afterAll(async () => {
  expect(await brokenRules(tester.api.pool)).toEqual([]);
  await tester.close();
});

const grantTo = (name: string, body: object) =>
  tester.post(`/v1/accounts/${name}/credits`, { reason: 'a test', ...body }, tester.operator);

const balancesOf = async (headers: Headers) => {
  const { creditsMsat, satsMsat } = ownAccountAnswer
    .strict()
    .parse((await tester.get('/v1/accounts/me', headers)).json);
  return { creditsMsat, satsMsat };
};

describe('sats granted by an operator', () => {
  it('are recorded as such, and come from promotion', async () => {
    const headers = await tester.account(0n, 'earner');
    const answer = await grantTo('earner', { asset: 'SATS', amountMsat: '7000' });
    expect(answer.status, answer.text).toBe(201);
    const grant = grantAnswer.strict().parse(answer.json);
    expect(grant).toMatchObject({
      ...{ asset: 'SATS', amountMsat: '7000', creditsMsat: '0', satsMsat: '7000' },
      expiresAt: null,
    });
    expect(await balancesOf(headers)).toEqual({ creditsMsat: '0', satsMsat: '7000' });
    const kept = `credit_grants where id = $1 and asset = 'SATS' and amount_msat = 7000`;
    expect(await tester.count(kept, [grant.id])).toBe(1);
    const posted = `postings p join entries e on e.id = p.entry_id
      join ledger_accounts a on a.id = p.ledger_account_id
      where e.key = $1 and a.asset = 'SATS' and coalesce(a.system, 'promotion') = 'promotion'`;
    expect(await tester.count(posted, [`grant/${grant.id}`])).toBe(2);
    expect(await tester.count('credit_history where credit_ref = $1', [`grant/${grant.id}`])).toBe(
      0,
    );
  });

  it('are credits when no asset is named', async () => {
    const headers = await tester.account(0n, 'plain');
    const grant = grantAnswer.parse((await grantTo('plain', { amountMsat: '7' })).json);
    expect(grant).toMatchObject({ asset: 'CREDITS', creditsMsat: '7', satsMsat: '0' });
    expect(await balancesOf(headers)).toEqual({ creditsMsat: '7', satsMsat: '0' });
  });

  it('pay after the credits are used up', async () => {
    const headers = await tester.account(60_000n, 'spender');
    await grantTo('spender', { asset: 'SATS', amountMsat: '100000' });
    const itemId = await tester.paidPost();
    const zap = { type: 'ZAP', args: { itemId, sats: 100 } };
    const first = await tester.open(headers, zap);
    expect(first).toMatchObject({ state: 'PAID', attempts: [{ flow: 'credits', invoice: null }] });
    expect(await balancesOf(headers)).toEqual({ creditsMsat: '0', satsMsat: '60000' });
    const second = await tester.open(headers, zap);
    expect(second).toMatchObject({ state: 'PENDING', costMsat: '100000' });
    expect(second.attempts[0]?.invoice?.amountMsat).toBe('40000');
    expect(await balancesOf(headers)).toEqual({ creditsMsat: '0', satsMsat: '0' });
    const cancelled = await tester.post(`/v1/actions/${second.id}/cancel`, {}, headers);
    expect(cancelled.status).toBe(200);
    expect(await balancesOf(headers)).toEqual({ creditsMsat: '0', satsMsat: '60000' });
  });

  it('never expire, and cannot be granted with an expiry', async () => {
    await tester.account(0n, 'forever');
    const problem = await tester.refuses(
      {
        ...{ method: 'POST', url: '/v1/accounts/forever/credits', headers: tester.operator },
        body: { asset: 'SATS', amountMsat: '1', reason: 'r', expiresAt: '2199-01-01T00:00:00Z' },
      },
      'request.invalid',
    );
    expect(problem.errors).toEqual([{ path: 'expiresAt', message: 'sats never expire' }]);
    await expect(
      tester.api.pool.query(
        `update credit_grants set asset = 'SATS', expires_at = now() + interval '1 day'`,
      ),
    ).rejects.toThrow('check');
  });

  it('never exceed what can be stored, and spending them still works', async () => {
    const headers = await tester.account(0n, 'greedy');
    const body = { asset: 'SATS', amountMsat: '2100000000000000000', reason: 'all there is' };
    const url = '/v1/accounts/greedy/credits';
    for (let n = 0; n < 4; n += 1) {
      expect((await tester.post(url, body, tester.operator)).status).toBe(201);
    }
    await tester.refuses(
      { method: 'POST', url, headers: tester.operator, body },
      'credits.amount_too_large',
    );
    expect(await tester.open(headers)).toMatchObject({ state: 'PAID' });
    expect((await balancesOf(headers)).satsMsat).toBe('8399999999999999000');
  });

  it('are granted once per idempotency key, and not as another asset', async () => {
    const headers = await tester.account(0n, 'once');
    const keyed = { ...tester.operator, 'idempotency-key': 'sats-once' };
    const url = '/v1/accounts/once/credits';
    const body = { asset: 'SATS', amountMsat: '5', reason: 'r' };
    const answers = await Promise.all([1, 2, 3].map(() => tester.post(url, body, keyed)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 201]);
    expect(await balancesOf(headers)).toEqual({ creditsMsat: '0', satsMsat: '5' });
    await tester.refuses(
      { method: 'POST', url, headers: keyed, body: { ...body, asset: 'CREDITS' } },
      'idempotency.body_differs',
    );
  });
});
