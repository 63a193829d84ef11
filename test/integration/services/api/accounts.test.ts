import { accountWithTokenAnswer, grantAnswer, ownAccountAnswer } from '@quittance/sdk/answers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureOperatorToken } from '../../../../engine/accounts/operator-token.js';
import { newToken } from '../../../../engine/accounts/tokens.js';
import { brokenRules } from '../../../support/books.js';
import { waitUntil } from '../../../support/wait-until.js';
import { ApiTester } from './tester.helper.js';

let tester: ApiTester;

beforeAll(async () => {
  tester = await ApiTester.start();
});
afterAll(async () => {
  expect(await brokenRules(tester.api.pool)).toEqual([]);
  await tester.close();
});

describe('accounts', () => {
  it('are opened by an operator, with a token that is shown once and stored as a hash', async () => {
    const answer = await tester.post('/v1/accounts', { name: 'alice' }, tester.operator);
    expect(answer.status).toBe(201);
    const { token = '', ...account } = accountWithTokenAnswer.parse(answer.json);
    expect(account).toMatchObject({ name: 'alice', role: 'user' });
    expect(token).toMatch(/^qt_[A-Za-z0-9_-]{43}$/);
    expect(await tester.count(`api_tokens t where t::text like '%' || $1 || '%'`, [token])).toBe(0);
    const me = await tester.get('/v1/accounts/me', { authorization: `Bearer ${token}` });
    expect(me.json).toMatchObject({ ...account, scopes: ['own'], creditsMsat: '0', satsMsat: '0' });
  });

  it('are refused if the name is in use', async () => {
    await tester.account(0n, 'taken');
    await tester.refuses(
      { method: 'POST', url: '/v1/accounts', headers: tester.operator, body: { name: 'taken' } },
      'account.name_taken',
    );
  });

  it('can have the role operator', async () => {
    const body = { name: 'second', role: 'operator' };
    const { token } = accountWithTokenAnswer.parse(
      (await tester.post('/v1/accounts', body, tester.operator)).json,
    );
    const stuck = await tester.get('/v1/operator/stuck', {
      authorization: `Bearer ${token ?? ''}`,
    });
    expect(stuck.status).toBe(200);
  });
});

describe('credits', () => {
  it('are granted by an operator, stored with the operator and the reason', async () => {
    const headers = await tester.account(0n, 'rich');
    const body = { amountMsat: '9000000000000000', reason: 'a prize' };
    const answer = await tester.post('/v1/accounts/rich/credits', body, tester.operator);
    expect(answer.status).toBe(201);
    const grant = grantAnswer.parse(answer.json);
    expect(grant).toMatchObject({ ...body, account: 'rich', creditsMsat: body.amountMsat });
    expect((await tester.get('/v1/accounts/me', headers)).json).toMatchObject({
      creditsMsat: body.amountMsat,
    });
    const kept = `credit_grants g join accounts a on a.id = g.granted_by
      where g.id = $1 and a.name = 'operator' and g.reason = 'a prize'`;
    expect(await tester.count(kept, [grant.id])).toBe(1);
    expect(await tester.count('entries where key = $1', [`grant/${grant.id}`])).toBe(1);
  });

  it('may expire, and their lots are visible to the account and to operators only', async () => {
    const headers = await tester.account(2_000n, 'thrifty');
    const expiresAt = '2199-12-31T23:59:59.123456Z';
    const body = { amountMsat: '5000', reason: 'for a while', expiresAt };
    const answer = await tester.post('/v1/accounts/thrifty/credits', body, tester.operator);
    const grant = grantAnswer.parse(answer.json);
    expect(grant).toMatchObject({ ...body, creditsMsat: '7000' });
    const { id } = ownAccountAnswer.parse((await tester.get('/v1/accounts/me', headers)).json);
    const url = `/v1/credits/actions/addresses/${id}`;
    const lots = {
      ...{ address: id, unit: 'msat', balance: '7000' },
      details: [
        { expiresAt: null, amount: '2000' },
        { expiresAt, amount: '5000' },
      ],
    };
    expect((await tester.get(url, headers)).json).toEqual(lots);
    expect((await tester.get(url, tester.operator)).json).toEqual(lots);
    const history = await tester.get(`${url}/history`, headers);
    expect(history.json).toMatchObject({
      entries: [
        { creditRef: `grant/${grant.id}`, amount: '5000', paymentMethod: 'grant', expiresAt },
        { amount: '2000', expiresAt: null },
      ],
    });
    const stranger = await tester.account();
    const reads = [url, `${url}/history`, `${url}/summary`, '/v1/credits/actions/addresses'];
    for (const read of reads) {
      const asked = { method: 'GET', url: read, headers: stranger } as const;
      await tester.refuses(asked, 'auth.operator_required');
      await tester.refuses({ method: 'GET', url: read }, 'auth.required');
    }
    await tester.refuses(
      { method: 'GET', url: '/v1/credits/actions/addresses', headers },
      'auth.operator_required',
    );
  });

  it('are refused if they have expired already', async () => {
    await tester.account(0n, 'too-late');
    const url = '/v1/accounts/too-late/credits';
    const asked = (expiresAt: string): Parameters<typeof tester.refuses>[0] => ({
      ...{ method: 'POST', url, headers: tester.operator },
      body: { amountMsat: '1', reason: 'r', expiresAt },
    });
    await tester.refuses(asked('2020-01-01T00:00:00Z'), 'credits.expiry_past');
    for (const wrong of ['tomorrow', '2199-12-31', '2199-12-31T23:59:59.1234567Z']) {
      await tester.refuses(asked(wrong), 'request.invalid');
    }
  });

  it('never exceed the largest amount', async () => {
    await tester.account(0n, 'greedy');
    const url = '/v1/accounts/greedy/credits';
    const body = { amountMsat: '2100000000000000000', reason: 'all there is' };
    for (let n = 0; n < 4; n += 1) {
      expect((await tester.post(url, body, tester.operator)).status).toBe(201);
    }
    const asked = { method: 'POST', url, headers: tester.operator, body } as const;
    await tester.refuses(asked, 'request.invalid');
  });
});

describe('tokens', () => {
  it('are refused after they were revoked', async () => {
    const headers = await tester.account(0n, 'leaky');
    expect((await tester.get('/v1/accounts/me', headers)).status).toBe(200);
    const revoked = await tester.post('/v1/accounts/leaky/tokens/revoke', {}, tester.operator);
    expect(revoked.status).toBe(200);
    await tester.refuses({ method: 'GET', url: '/v1/accounts/me', headers }, 'auth.invalid_token');
    const issued = await tester.post(
      '/v1/accounts/leaky/tokens',
      { label: 'new' },
      tester.operator,
    );
    const { token } = accountWithTokenAnswer.parse(issued.json);
    const again = await tester.get('/v1/accounts/me', { authorization: `Bearer ${token ?? ''}` });
    expect(again.status).toBe(200);
  });

  it('are refused soon after another process revoked them', async () => {
    const other = await ApiTester.start({ databaseUrl: tester.api.databaseUrl, tokenCacheMs: 300 });
    try {
      const headers = await tester.account(0n, 'elsewhere');
      expect((await other.get('/v1/accounts/me', headers)).status).toBe(200);
      await tester.post('/v1/accounts/elsewhere/tokens/revoke', undefined, tester.operator);
      // Still in that process's cache, so it costs no query.
      expect((await other.get('/v1/accounts/me', headers)).status).toBe(200);
      await waitUntil('the token to be forgotten', async () => {
        return (await other.get('/v1/accounts/me', headers)).status === 401;
      });
    } finally {
      await other.close();
    }
  });
});

describe('the operator of `quittance up`', () => {
  it('is created once by repeated and concurrent calls', async () => {
    const { pool } = tester.api;
    const token = newToken();
    await Promise.all(Array.from({ length: 8 }, () => ensureOperatorToken(pool, token)));
    const me = await tester.get('/v1/accounts/me', { authorization: `Bearer ${token}` });
    expect(me.json).toMatchObject({ name: 'operator', role: 'operator' });
  });

  it('refuses a revoked or malformed token', async () => {
    const { pool } = tester.api;
    const token = newToken();
    await ensureOperatorToken(pool, token);
    await pool.query(
      `update api_tokens set revoked_at = now() where label = 'quittance up'
      and token_hash = sha256(convert_to($1, 'UTF8'))`,
      [token],
    );
    await expect(ensureOperatorToken(pool, token)).rejects.toThrow('revoked');
    await expect(ensureOperatorToken(pool, 'secret')).rejects.toThrow('43');
  });
});
