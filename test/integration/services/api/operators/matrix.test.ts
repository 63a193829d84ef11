import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  isStaff,
  ROLES,
  type Role,
  type Scope,
  SCOPES,
  scopesOf,
} from '../../../../../domain/accounts/roles.js';
import { createAccount } from '../../../../../engine/accounts/accounts.js';
import { issueToken } from '../../../../../engine/accounts/tokens.js';
import { inTransaction } from '../../../../../db/transaction.js';
import { ApiTester, type Method, problemIn } from '../tester.helper.js';

let tester: ApiTester;
const callers: Caller[] = [];
let routes: Route[] = [];

interface Route {
  readonly method: Method;
  readonly url: string;
  readonly access: string;
}

interface Caller {
  readonly who: string;
  readonly role: Role;
  readonly scopes: readonly Scope[];
  readonly token: string;
}

/** As the document at /openapi.json has them, which is made from the routes. */
const document = z.object({
  paths: z.record(
    z.string(),
    z.record(z.string(), z.object({ 'x-access': z.string().optional() })),
  ),
});

const PARAMS: Readonly<Record<string, string>> = {
  id: '00000000-0000-4000-8000-000000000000',
  ledger: 'aleph',
  name: 'nobody',
  machine: 'order',
  seq: '1',
};

beforeAll(async () => {
  tester = await ApiTester.start();
  const { paths } = document.parse((await tester.get('/openapi.json')).json);
  routes = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, { 'x-access': access }]) => {
      const url = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => PARAMS[name] ?? 'x');
      // The peers' routes and the deliveries of stores have rules of their own.
      if (access === undefined) return [];
      return [{ method: method.toUpperCase() as Method, url, access }];
    }),
  );
  await inTransaction(tester.api.pool, async (tx) => {
    for (const role of ROLES) {
      const { id } = await createAccount(tx, { name: `a-${role}`, role });
      const add = async (who: string, only: readonly Scope[] | null): Promise<void> => {
        const token = await issueToken(tx, id, { label: who, scopes: only });
        callers.push({ who, role, scopes: scopesOf(role, only), token });
      };
      await add(role, null);
      if (role !== 'operator') continue;
      for (const scope of SCOPES) await add(`operator with ${scope} only`, [scope]);
    }
  });
});
afterAll(() => tester.close());

/** What a caller is refused with; undefined where access is given. */
function expected({ method, access }: Route, caller: Caller): string | undefined {
  const { role, scopes } = caller;
  const has = (scope: string): boolean => scopes.some((one) => one === scope);
  if (access === 'token' || (access === 'anyone' && method === 'GET')) return undefined;
  if (access === 'anyone') return has('own') || has('payments') ? undefined : 'auth.scope_required';
  if (access === 'account') return has('own') ? undefined : 'auth.scope_required';
  if (!isStaff(role)) return 'auth.operator_required';
  return has(access) ? undefined : 'auth.scope_required';
}

/** A body that cannot be parsed comes after access and changes nothing. */
function askOf({ method, url }: Route, token?: string) {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const bodied = method === 'POST' || method === 'PUT' ? { body: '{' } : {};
  return tester.ask({ method, url, headers, ...bodied });
}

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
      const without = await askOf(route);
      if (route.access === 'anyone') expect([401, 403], about).not.toContain(without.status);
      else expect(problemIn(without).code, about).toBe('auth.required');
      for (const caller of callers) {
        const answer = await askOf(route, caller.token);
        const code = expected(route, caller);
        const asWhom = `${about} as ${caller.who}: ${answer.text}`;
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
        expect(problemIn(await askOf(route, token)).code).toBe('auth.invalid_token');
      }
    }
  });
});
