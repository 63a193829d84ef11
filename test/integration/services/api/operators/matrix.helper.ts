import type { Pool } from 'pg';
import { z } from 'zod';
import { inTransaction } from '../../../../../db/transaction.js';
import {
  isStaff,
  type Role,
  ROLES,
  type Scope,
  SCOPES,
  scopesOf,
} from '../../../../../domain/accounts/roles.js';
import { createAccount } from '../../../../../engine/accounts/accounts.js';
import { issueToken } from '../../../../../engine/accounts/tokens.js';
import type { Asked, Method } from '../tester.helper.js';

export interface Route {
  readonly method: Method;
  /** With values in place of its parameters. */
  readonly url: string;
  readonly access: string;
}

export interface Caller {
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

const methods = z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']);

/** The routes of /v1. The peers' routes and the deliveries of stores have rules of their own. */
export function routesIn(openapi: unknown): Route[] {
  return Object.entries(document.parse(openapi).paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, { 'x-access': access }]) => {
      if (access === undefined) return [];
      const url = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => PARAMS[name] ?? 'x');
      return [{ method: methods.parse(method.toUpperCase()), url, access }];
    }),
  );
}

/** Somebody of each role, `a-<role>`, and an operator's token of each scope alone. */
export async function issueCallers(pool: Pool): Promise<Caller[]> {
  const callers: Caller[] = [];
  await inTransaction(pool, async (tx) => {
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
  return callers;
}

/** What a caller is refused with; undefined where access is given. */
export function refusalOf({ method, access }: Route, caller?: Caller): string | undefined {
  if (caller === undefined) return access === 'anyone' ? undefined : 'auth.required';
  const { role, scopes } = caller;
  const has = (scope: string): boolean => scopes.some((one) => one === scope);
  if (access === 'token' || (access === 'anyone' && method === 'GET')) return undefined;
  if (access === 'anyone') return has('own') || has('payments') ? undefined : 'auth.scope_required';
  if (access === 'account') return has('own') ? undefined : 'auth.scope_required';
  if (!isStaff(role)) return 'auth.operator_required';
  return has(access) ? undefined : 'auth.scope_required';
}

/** A body that cannot be parsed comes after access and changes nothing. */
export function askOf({ method, url }: Route, caller?: Caller): Asked {
  const headers = caller === undefined ? {} : { authorization: `Bearer ${caller.token}` };
  const bodied = ['POST', 'PUT', 'PATCH'].includes(method) ? { body: '{' } : {};
  return { method, url, headers, ...bodied };
}
