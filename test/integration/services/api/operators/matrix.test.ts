import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SCOPES } from '../../../../../domain/accounts/roles.js';
import { issueToken } from '../../../../../engine/accounts/tokens.js';
import { inTransaction } from '../../../../../db/transaction.js';
import { ApiTester, problemIn } from '../tester.helper.js';
import {
  askOf,
  type Caller,
  issueCallers,
  refusalOf,
  type Route,
  routesIn,
} from './matrix.helper.js';

let tester: ApiTester;
let callers: Caller[] = [];
let routes: Route[] = [];

beforeAll(async () => {
  tester = await ApiTester.start();
  routes = routesIn((await tester.get('/openapi.json')).json);
  callers = await issueCallers(tester.api.pool);
});
afterAll(() => tester.close());

describe('every route', () => {
  it('says whom it is for', () => {
    expect(routes.length).toBeGreaterThan(55);
    const kinds = ['anyone', 'token', 'account', ...SCOPES];
    expect(routes.filter(({ access }) => !kinds.includes(access))).toEqual([]);
    const used = new Set(routes.map(({ access }) => access));
    // Metrics are on another port, and payments of others are reached by the routes of everybody.
    expect(SCOPES.filter((scope) => !used.has(scope))).toEqual(['own', 'payments', 'metrics']);
  });

  it('answers 401 and 403 by role and scope, and no other way', async () => {
    for (const route of routes) {
      const about = `${route.method} ${route.url}`;
      for (const caller of [undefined, ...callers]) {
        const code = refusalOf(route, caller);
        // A stream that is allowed does not end.
        if (code === undefined && route.url.endsWith('/events')) continue;
        const answer = await tester.ask(askOf(route, caller));
        const asWhom = `${about} as ${caller?.who ?? 'nobody'}: ${answer.text}`;
        if (code === undefined) expect([401, 403], asWhom).not.toContain(answer.status);
        else expect(problemIn(answer).code, asWhom).toBe(code);
      }
    }
  });

  it('refuses tokens that are revoked or have expired', async () => {
    const { pool } = tester.api;
    const [id = ''] = (
      await pool.query<{ id: string }>(`select id from accounts where name = 'a-support'`)
    ).rows.map((row) => row.id);
    const old = await inTransaction(pool, (tx) => issueToken(tx, id, { label: 'old', days: 1 }));
    const ended = await inTransaction(pool, (tx) => issueToken(tx, id, 'ended'));
    await pool.query(
      `update api_tokens set expires_at = now() - interval '1 second' where label = 'old'`,
    );
    await pool.query(`update api_tokens set revoked_at = now() where label = 'ended'`);
    for (const route of routes) {
      for (const token of [old, ended]) {
        const { url, method } = route;
        const headers = { authorization: `Bearer ${token}` };
        expect(problemIn(await tester.ask({ method, url, headers })).code).toBe(
          'auth.invalid_token',
        );
      }
    }
  });
});
