import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NOWHERE } from '../every-route.helper.js';
import { ApiTester, POST_ARGS } from '../tester.helper.js';
import { challengeIn, startPages, Visitor } from './pages.helper.js';

let tester: ApiTester;

beforeAll(async () => {
  tester = await startPages();
});
afterAll(() => tester.close());

const locationOf = ({ headers }: { headers: Readonly<Record<string, unknown>> }): unknown =>
  headers['location'];

describe('sessions of pages', () => {
  it('begin with a token, are kept by a cookie that no script reads, and act for its account', async () => {
    const visitor = new Visitor(tester);
    const entered = await visitor.signIn(await tester.account(0n, 'sessions-alice'));
    expect([entered.status, locationOf(entered)]).toEqual([303, '/']);
    const cookie = String(entered.headers['set-cookie']);
    expect(cookie).toContain('HttpOnly');
    expect(cookie).toContain('SameSite=Lax');
    expect(cookie).not.toContain('qt_');
    expect((await visitor.get('/me')).text).toContain('@sessions-alice');
  });

  it('are Secure and of this host alone in production', async () => {
    const secure = await startPages({
      pages: { base: '', secureCookies: true, temporalUi: null, eventsMs: 50 },
    });
    try {
      const entered = await new Visitor(secure).signIn(await secure.account());
      expect(String(entered.headers['set-cookie'])).toMatch(
        /^__Host-quittance-session=[^;]+; Path=\/; .*Secure$/,
      );
    } finally {
      await secure.close();
    }
  });

  it('give a browser without an account a secret of their own, whatever it brought', async () => {
    for (const brought of ['x', 'a'.repeat(42), `${'a'.repeat(42)}=`]) {
      const visitor = new Visitor(tester);
      visitor.cookies.set('quittance-client', brought);
      await visitor.get('/submit');
      const secret = visitor.cookies.get('quittance-client');
      expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/);
      await visitor.get('/submit');
      expect(visitor.cookies.get('quittance-client')).toBe(secret);
    }
  });

  it('do not begin with a token that is not valid', async () => {
    const visitor = new Visitor(tester);
    const refused = await visitor.post('/sign-in', { token: `qt_${'x'.repeat(43)}` });
    expect(refused.status).toBe(401);
    expect(refused.text).toContain('unknown, revoked or expired');
    expect(locationOf(await visitor.get('/me'))).toBe('/sign-in?next=%2Fme');
  });

  it('do not begin with a token that was revoked', async () => {
    const headers = await tester.account(0n, 'sessions-revoked');
    await tester.post('/v1/accounts/sessions-revoked/tokens/revoke', {}, tester.operator);
    const refused = await new Visitor(tester).signIn(headers);
    expect([refused.status, refused.headers['set-cookie']]).toEqual([401, undefined]);
  });

  it('end after thirty days, however long their token is valid', async () => {
    const visitor = new Visitor(tester);
    const headers = await tester.account(0n, 'sessions-old');
    await visitor.signIn(headers);
    const pass = (days: number): Promise<unknown> =>
      tester.api.pool.query(
        `update page_sessions s set created_at = s.created_at - $1 * interval '1 day'
         from api_tokens t join accounts a on a.id = t.account_id
         where t.token_hash = s.token_hash and a.name = 'sessions-old'`,
        [days],
      );
    await pass(29);
    expect((await visitor.get('/me')).status).toBe(200);
    await pass(1);
    expect((await visitor.get('/me')).status).toBe(303);
    expect((await tester.get('/v1/accounts/me', headers)).status).toBe(200);
  });

  it('end with their token', async () => {
    const visitor = new Visitor(tester);
    await visitor.signIn(await tester.account(0n, 'sessions-bob'));
    expect((await visitor.get('/me')).status).toBe(200);
    await tester.post('/v1/accounts/sessions-bob/tokens/revoke', {}, tester.operator);
    expect((await visitor.get('/me')).status).toBe(303);
  });

  it('end when one signs out, for a stolen cookie too', async () => {
    const visitor = new Visitor(tester);
    await visitor.signIn(await tester.account());
    const stolen = new Visitor(tester);
    for (const [name, value] of visitor.cookies) stolen.cookies.set(name, value);
    await visitor.post('/sign-out');
    expect(visitor.cookies.has('quittance-session')).toBe(false);
    expect((await stolen.get('/me')).status).toBe(303);
  });

  it('leave the token that one has typed to whatever else uses it', async () => {
    const visitor = new Visitor(tester);
    const headers = await tester.account();
    await visitor.signIn(headers);
    await visitor.post('/sign-out');
    expect((await tester.get('/v1/accounts/me', headers)).status).toBe(200);
  });

  it('go nowhere else after signing in', async () => {
    const { authorization = '' } = await tester.account();
    const token = authorization.replace('Bearer ', '');
    for (const next of ['//evil.example', 'https://evil.example', '/\\evil.example', '']) {
      const entered = await new Visitor(tester).post('/sign-in', { token, next });
      expect(locationOf(entered)).toBe('/');
      const stranger = new Visitor(tester);
      const wallet = await stranger.post('/sign-in/wallet', { next });
      const pages = [
        await stranger.get(`/sign-in?next=${encodeURIComponent(next)}`),
        await stranger.post('/sign-in', { token: 'unknown', next }),
        wallet,
        await stranger.post('/sign-in/wallet/enter', { ...challengeIn(wallet.text), next }),
      ];
      for (const { text } of pages) expect(text).toContain('name="next" value="/"');
    }
  });
});

describe('a form of another site', () => {
  const FIELDS = { ...POST_ARGS, step: 'open', key: NOWHERE };
  it.each([
    ['says so', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
    ['is of the same site only', { 'sec-fetch-site': 'same-site' }],
    ['was sent by no page at all', { 'sec-fetch-site': 'none' }],
    ['is of an older browser', { origin: 'https://evil.example' }],
    ['says nothing', {}],
    ['has no origin', { origin: 'null' }],
  ] as const)('that %s is refused with 403, and nothing is changed', async (_name, headers) => {
    const visitor = new Visitor(tester);
    await visitor.signIn(await tester.account(1_000_000n));
    const before = await tester.fingerprint();
    const evil = new Visitor(tester, headers);
    for (const [name, value] of visitor.cookies) evil.cookies.set(name, value);
    for (const path of ['/submit/discussion', '/items/1/zap', '/sign-out', '/withdrawals']) {
      expect((await evil.post(path, FIELDS)).status, path).toBe(403);
    }
    expect(await tester.fingerprint()).toEqual(before);
  });

  it('of an older browser is taken from our own origin', async () => {
    const visitor = new Visitor(tester, {
      origin: 'https://pages.example',
      host: 'pages.example',
    });
    const entered = await visitor.signIn(await tester.account());
    expect(entered.status).toBe(303);
  });
});

describe('pages of operators', () => {
  it.each(['/ops', `/ops/payments/${NOWHERE}`, '/stores', '/stores/shop', '/stores/shop/ids'])(
    'are not for users: %s',
    async (path) => {
      const user = new Visitor(tester);
      await user.signIn(await tester.account());
      expect((await user.get(path)).status).toBe(403);
      expect((await new Visitor(tester).get(path)).status).toBe(303);
    },
  );

  it('change nothing for users', async () => {
    const user = new Visitor(tester);
    await user.signIn(await tester.account());
    const before = await tester.fingerprint();
    for (const path of ['/ops/dead-letters/replay', '/stores/shop/recover']) {
      expect((await user.post(path, { seq: '1' })).status).toBe(403);
    }
    expect(await tester.fingerprint()).toEqual(before);
  });
});

describe('the policy of pages', () => {
  it.each(['/', '/sign-in', '/nowhere', '/me', `/actions/${NOWHERE}`])(
    'lets nothing run that is not ours: %s',
    async (path) => {
      const { headers } = await new Visitor(tester).get(path);
      const policy = String(headers['content-security-policy']);
      const rules = new Map(
        policy.split('; ').map((rule): [string, string] => {
          const [name = '', ...values] = rule.split(' ');
          return [name, values.join(' ')];
        }),
      );
      expect(Object.fromEntries(rules)).toEqual({
        ...{ 'default-src': `'none'`, 'script-src': `'self'`, 'style-src': `'self'` },
        ...{ 'img-src': `'self' data:`, 'connect-src': `'self'`, 'form-action': `'self'` },
        ...{ 'frame-ancestors': `'none'`, 'base-uri': `'none'` },
      });
    },
  );

  it('keeps what a viewer sees to that viewer', async () => {
    const { headers } = await new Visitor(tester).get('/');
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['referrer-policy']).toBe('same-origin');
  });
});

describe('settings', () => {
  it('switch the pages off', async () => {
    const off = await ApiTester.start();
    try {
      const answer = await new Visitor(off).get('/');
      expect(answer.status).toBe(404);
      expect(answer.headers['content-type']).toContain('application/problem+json');
    } finally {
      await off.close();
    }
  });

  it('put them below a path, and every link too', async () => {
    const below = await startPages({
      pages: { base: '/forum', secureCookies: false, temporalUi: null, eventsMs: 50 },
    });
    try {
      const { status, text } = await new Visitor(below).get('/forum/');
      expect(status).toBe(200);
      const links = [...text.matchAll(/(?:href|src|action)="(\/[^"]*)"/g)].map(([, path]) => path);
      expect(links.length).toBeGreaterThan(5);
      expect(links.filter((path) => path?.startsWith('/forum/') !== true)).toEqual([]);
      const script = links.find((path) => path?.endsWith('.js')) ?? '';
      expect((await new Visitor(below).get(script)).status).toBe(200);
    } finally {
      await below.close();
    }
  });
});
