import { createHmac } from 'node:crypto';
import { actionPageAnswer } from '@quittance/sdk/answers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { inTransaction } from '../../../../../db/transaction.js';
import { findAccount } from '../../../../../engine/accounts/accounts.js';
import { issueToken } from '../../../../../engine/accounts/tokens.js';
import { readAudit } from '../../../../../engine/audit.js';
import { waitUntil } from '../../../../support/wait-until.js';
import { type Answered, ApiTester, type Headers, NEW_POST, problemIn } from '../tester.helper.js';

let tester: ApiTester;
beforeAll(async () => {
  tester = await ApiTester.start();
});
afterAll(() => tester.close());

const withToken = z.object({ token: z.string() });
const tokens = z.object({
  tokens: z.array(
    z.object({
      id: z.string(),
      account: z.string(),
      label: z.string(),
      lastUsedAt: z.string().nullable(),
      revokedAt: z.string().nullable(),
      expiresAt: z.string().nullable(),
    }),
  ),
});

async function hire(name: string, body: object = {}): Promise<Headers> {
  const url = '/v1/operator/operators';
  const hired = await tester.post(url, { name, because: 'a test', ...body }, tester.operator);
  expect(hired.status, hired.text).toBe(201);
  return { authorization: `Bearer ${withToken.parse(hired.json).token}` };
}

async function listed(account: string): Promise<z.output<typeof tokens>['tokens']> {
  const { json } = await tester.get(`/v1/operator/tokens?account=${account}`, tester.operator);
  return tokens.parse(json).tokens;
}

describe('operators', () => {
  it('are added, listed and ended, but the last one stays', async () => {
    const dora = await hire('dora');
    expect((await tester.get('/v1/operator/operators', dora)).text).toContain('"dora"');
    const end = (name: string, by: Headers) =>
      tester.post(`/v1/operator/operators/${name}/revoke`, { because: 'left' }, by);
    expect((await end('dora', tester.operator)).status).toBe(200);
    expect((await tester.get('/v1/operator/operators', dora)).status).toBe(401);
    expect(problemIn(await end('operator', tester.operator)).code).toBe('operator.last');
    const all = '/v1/accounts/operator/tokens/revoke';
    expect(problemIn(await tester.post(all, {}, tester.operator)).code).toBe('operator.last');
    const freeze = '/v1/accounts/operator/freeze';
    const frozen = await tester.post(freeze, { because: 'x' }, tester.operator);
    expect(problemIn(frozen).code).toBe('operator.last');
    expect((await tester.get('/v1/operator/operators', tester.operator)).status).toBe(200);
  });

  it('of two that end each other at once, one stays', async () => {
    const two = await ApiTester.start();
    try {
      const url = '/v1/operator/operators';
      const body = { name: 'other', because: 'a test' };
      const { token } = withToken.parse((await two.post(url, body, two.operator)).json);
      const other = { authorization: `Bearer ${token}` };
      const end = (name: string, by: Headers) =>
        two.post(`${url}/${name}/revoke`, { because: 'a race' }, by);
      const answers = await Promise.all([end('other', two.operator), end('operator', other)]);
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      expect(await two.count(`accounts where role = 'operator'`)).toBe(1);
    } finally {
      await two.close();
    }
  });

  it('cannot be made with the right to open accounts alone', async () => {
    const clerk = await hire('clerk', { role: 'operator', scopes: ['accounts'] });
    const made = await tester.post('/v1/accounts', { name: 'friend', role: 'operator' }, clerk);
    expect(problemIn(made).code).toBe('auth.scope_required');
    const token = await tester.post('/v1/accounts/operator/tokens', {}, clerk);
    expect(problemIn(token).code).toBe('auth.scope_required');
    expect((await tester.post('/v1/accounts', { name: 'friend' }, clerk)).status).toBe(201);
  });
});

describe('tokens', () => {
  it('are listed with their last use, revoked one by one, and rotated by whoever holds them', async () => {
    const first = await hire('eve', { role: 'support', label: 'one', days: 30 });
    await tester.get('/v1/accounts/me', first);
    await waitUntil('its use is noted', async () => (await listed('eve'))[0]?.lastUsedAt !== null);
    const [one] = await listed('eve');
    expect(one).toMatchObject({ label: 'one', revokedAt: null });
    expect(one?.expiresAt).not.toBeNull();
    const rotated = await tester.post('/v1/accounts/me/tokens/rotate', {}, first);
    expect(rotated.status, rotated.text).toBe(200);
    expect((await tester.get('/v1/accounts/me', first)).status).toBe(401);
    const second = { authorization: `Bearer ${withToken.parse(rotated.json).token}` };
    expect((await tester.get('/v1/accounts/me', second)).status).toBe(200);
    const [newest] = await listed('eve');
    expect(newest).toMatchObject({ label: 'one', revokedAt: null });
    const url = `/v1/operator/tokens/${newest?.id ?? ''}/revoke`;
    expect((await tester.post(url, { because: 'lost' }, tester.operator)).status).toBe(200);
    expect((await tester.get('/v1/accounts/me', second)).status).toBe(401);
  });

  it('are refused from their end on', async () => {
    const { pool } = tester.api;
    const { id } = await findAccount(pool, 'operator');
    const days = 0.5 / 86_400;
    const token = await inTransaction(pool, (tx) => issueToken(tx, id, { label: 'short', days }));
    const short = { authorization: `Bearer ${token}` };
    expect((await tester.get('/v1/accounts/me', short)).status).toBe(200);
    await waitUntil('its end', async () => {
      const { status } = await tester.get('/v1/accounts/me', short);
      return status === 401;
    });
  });

  it('end at once in the process that ends them, though it keeps those that it has seen', async () => {
    const keeping = await ApiTester.start({ tokenCacheMs: 3_600_000 });
    const ends: Readonly<Record<string, (own: Headers, id: string) => Promise<Answered>>> = {
      rotated: (own) => keeping.post('/v1/accounts/me/tokens/rotate', {}, own),
      revoked: (_own, id) => byOperator(`/v1/operator/tokens/${id}/revoke`),
      all: () => keeping.post('/v1/accounts/all/tokens/revoke', {}, keeping.operator),
      dismissed: () => byOperator('/v1/operator/operators/dismissed/revoke'),
    };
    const byOperator = (url: string): Promise<Answered> =>
      keeping.post(url, { because: 'a test' }, keeping.operator);
    try {
      for (const [name, end] of Object.entries(ends)) {
        const body = { name, role: 'support', because: 'a test' };
        const hired = await keeping.post('/v1/operator/operators', body, keeping.operator);
        const own = { authorization: `Bearer ${withToken.parse(hired.json).token}` };
        const me = await keeping.get('/v1/accounts/me', own);
        const { tokenId } = z.object({ tokenId: z.string() }).parse(me.json);
        const ended = await end(own, tokenId);
        expect(ended.status, ended.text).toBe(200);
        expect((await keeping.get('/v1/accounts/me', own)).status, name).toBe(401);
      }
    } finally {
      await keeping.close();
    }
  });

  it('that are not valid are counted per network, and others are not kept waiting', async () => {
    const crowd = await ApiTester.start({ badTokensPerMinute: 3 });
    try {
      const bad = { authorization: 'Bearer qt_bad' };
      const known = await crowd.account();
      expect((await crowd.get('/v1/accounts/me', known)).status).toBe(200);
      const secret = 'a-secret';
      const shop = { id: 'shop', url: 'http://127.0.0.1:1', name: 'Shop', secrets: [secret] };
      expect((await crowd.post('/v1/stores', shop, crowd.operator)).status).toBe(201);
      for (let n = 0; n < 3; n += 1) {
        expect((await crowd.get('/v1/accounts/me', bad)).status).toBe(401);
      }
      const refused = await crowd.get('/v1/accounts/me', await crowd.account());
      expect(problemIn(refused).code).toBe('auth.too_many_bad_tokens');
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
      // Who was known before goes on, until the token ends.
      expect((await crowd.get('/v1/accounts/me', known)).status).toBe(200);
      await crowd.api.pool.query(
        `update api_tokens set revoked_at = now() where label = 'test' and revoked_at is null`,
      );
      expect((await crowd.get('/v1/accounts/me', known)).status).toBe(401);
      expect((await crowd.get('/v1/accounts/me', known)).status).toBe(429);
      expect((await crowd.get('/v1/items')).status).toBe(200);
      expect((await crowd.post('/v1/actions', NEW_POST)).status).toBe(201);
      // A store counts refusals as failures: what it has signed is taken, whatever else it sends.
      const body = '{"id":1}';
      const signature = createHmac('sha256', secret).update(body).digest('base64');
      const delivered = await crowd.post('/v1/stores/shop/webhooks', body, {
        ...{ ...bad, 'x-wc-webhook-topic': 'order.updated', 'x-wc-webhook-id': '1' },
        'x-wc-webhook-signature': signature,
      });
      expect([delivered.status, delivered.text]).toEqual([200, 'ok']);
    } finally {
      await crowd.close();
    }
  });
});

it('operators list the actions of an account, by state', async () => {
  const name = 'hanna';
  const her = await tester.account(1_000n, name);
  const paid = await tester.open(her);
  const open = await tester.open(her, { ...NEW_POST, payment: 'invoice' });
  const failed = await tester.failed(her);
  const list = async (state: string): Promise<string[]> => {
    const url = `/v1/operator/actions?account=${name}${state}`;
    const { actions } = actionPageAnswer.parse((await tester.get(url, tester.operator)).json);
    return actions.map(({ id }) => id);
  };
  expect(await list('')).toEqual([failed.id, open.id, paid.id]);
  expect(await list('&state=open')).toEqual([open.id]);
  expect(await list('&state=paid')).toEqual([paid.id]);
  expect(await list('&state=failed')).toEqual([failed.id]);
});

describe('the audit', () => {
  it('has every act with who, from where, what, to whom and why, and reads of what is private', async () => {
    const finn = await hire('finn', { role: 'support' });
    const author = await tester.account();
    const action = await tester.open(author);
    await tester.get(`/v1/actions/${action.id}`, finn);
    await tester.get('/v1/operator/actions?account=operator&state=open', finn);
    const denied = await tester.post('/v1/accounts', { name: 'nobody' }, finn);
    expect(denied.status).toBe(403);
    const rows = await readAudit(tester.api.pool, { limit: 20, actor: 'finn' });
    expect(rows.map(({ act, target }) => [act, target])).toEqual([
      ['GET /v1/operator/actions', ''],
      ['GET /v1/actions/:id', action.id],
    ]);
    expect(rows[0]?.detail).toEqual({ account: 'operator', state: 'open' });
    const [hired] = (await readAudit(tester.api.pool, { limit: 50, actor: 'operator' })).filter(
      ({ act, detail }) => act === 'POST /v1/operator/operators' && detail['name'] === 'finn',
    );
    expect(hired).toMatchObject({
      role: 'operator',
      via: 'http',
      because: 'a test',
      address: '127.0.0.1',
    });
    expect(hired?.token).toMatch(/^[0-9a-f]{16}$/);
    // Not those of users about themselves.
    expect(await tester.count(`audit_log where role = 'user'`)).toBe(0);
    expect((await tester.get('/v1/operator/audit?limit=5', finn)).status).toBe(200);
  });

  it('says what became of an act', async () => {
    const url = '/v1/accounts/nobody-at-all/freeze';
    expect((await tester.post(url, { because: 'a try' }, tester.operator)).status).toBe(404);
    await waitUntil('it is answered', async () => {
      const [newest] = await readAudit(tester.api.pool, { limit: 1 });
      return newest?.act === 'answered' && newest.detail['status'] === 404;
    });
  });

  it('comes first: what cannot be audited is not done', async () => {
    const { pool } = tester.api;
    await pool.query('alter table audit_log rename to away');
    try {
      const answer = await tester.post('/v1/accounts', { name: 'unseen' }, tester.operator);
      expect(answer.status).toBe(500);
      expect(await tester.count(`accounts where name = 'unseen'`)).toBe(0);
    } finally {
      await pool.query('alter table away rename to audit_log');
    }
  });

  it('cannot be changed, deleted or emptied', async () => {
    const { pool } = tester.api;
    for (const sql of [
      `update audit_log set because = 'no reason'`,
      'delete from audit_log',
      'truncate audit_log',
      'truncate entries cascade',
    ]) {
      await expect(pool.query(sql), sql).rejects.toThrow('append-only');
    }
  });
});

describe('a frozen account', () => {
  it('reads, and opens, retries, withdraws and is paid out nothing', async () => {
    const her = await tester.account(10_000n, 'frieda');
    const failed = await tester.failed(her);
    const freeze = await tester.post(
      '/v1/accounts/frieda/freeze',
      { because: 'x' },
      tester.operator,
    );
    expect(freeze.status, freeze.text).toBe(200);
    const body = { kind: 'simulator', address: 'frieda' };
    const asked = [
      { method: 'POST', url: '/v1/actions', body: NEW_POST },
      { method: 'POST', url: `/v1/actions/${failed.id}/retry`, body: { attempt: 1 } },
      { method: 'PUT', url: '/v1/wallets', body },
    ] as const;
    for (const one of asked) await tester.refuses({ ...one, headers: her }, 'account.frozen');
    expect((await tester.get('/v1/accounts/me', her)).status).toBe(200);
    expect((await tester.get('/v1/actions', her)).status).toBe(200);
    await tester.post('/v1/accounts/frieda/unfreeze', { because: 'y' }, tester.operator);
    await tester.open(her);
  });

  it('is kept from opening by the schema too', async () => {
    const her = await tester.account(10_000n, 'greta');
    const { id } = await tester.open(her);
    await tester.post('/v1/accounts/greta/freeze', { because: 'x' }, tester.operator);
    const again = `insert into attempts select (jsonb_populate_record(a, '{"attempt": 9}')).* from attempts a where action_id = $1`;
    await expect(tester.api.pool.query(again, [id])).rejects.toThrow('the account is frozen');
  });
});
