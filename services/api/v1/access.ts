import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Pool } from 'pg';
import { mayDo, type Scope, type StaffScope, isStaff } from '../../../domain/accounts/roles.js';
import type { Caller } from '../../../engine/accounts/caller.js';
import { Refusal, type RefusalCode } from '../../../domain/refusal.js';
import type { ApiDeps } from '../deps.js';
import { bearerToken } from '../../shared/bearer.js';
import { refuseDuplicateHeaders } from '../single-headers.js';
import type { BadTokens } from '../../shared/bad-tokens.js';
import type { TokenCache } from './token-cache.js';

/**
 * Who may call a route: `anyone` includes callers without a token, `token` is for any token, `account` for those who act for their
 * account; the rest are scopes of operators and their helpers.
 */
export type Access = 'anyone' | 'token' | 'account' | StaffScope;
export type AccountCaller = Extract<Caller, { kind: 'account' }>;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Missing on routes outside /v1. */
    access?: Access;
    /** Problem codes of this route beyond those of every route, for the documentation. */
    refusals?: readonly RefusalCode[];
  }
  interface FastifyRequest {
    /** Set by the first hook. */
    caller: Caller;
  }
}

/** Identifies the caller and checks access, before the body is read. */
export function checkAccess(
  app: FastifyInstance,
  deps: ApiDeps,
  tokens: TokenCache,
  bad: BadTokens,
): void {
  app.decorateRequest('caller');
  app.addHook('onRequest', async (request) => {
    refuseDuplicateHeaders(request);
    request.caller = await identify(request, bad, tokens, poolFor(request, deps));
    const { access } = request.routeOptions.config;
    if (access !== undefined) checkRoute(request, access);
  });
}

/** Throws Refusal where the caller may not call a route with this access. */
export function checkRoute(request: FastifyRequest, access: Access): void {
  if (access === 'anyone') refuseToActAs(request);
  else if (access === 'token') tokenOf(request);
  else if (access === 'account') accountOf(request);
  else staffOf(request, access);
}

/** Whoever sends a token that may only read, or only scrape, does nothing with it by a route that is open to all. */
function refuseToActAs({ method, caller }: FastifyRequest): void {
  if (method === 'GET' || method === 'HEAD' || caller.kind === 'anonymous') return;
  if (!mayDo(caller, 'own') && !mayDo(caller, 'payments')) throw lacks('own');
}

/** What a request reads its token from, and writes its audit to. */
export function poolFor({ method }: FastifyRequest, { engine, reads }: ApiDeps): Pool {
  return method === 'GET' || method === 'HEAD' ? reads : engine.pool;
}

async function identify(
  request: FastifyRequest,
  bad: BadTokens,
  tokens: TokenCache,
  pool: Pool,
): Promise<Caller> {
  const { authorization } = request.headers;
  if (authorization === undefined) {
    const capability = capabilityIn(request);
    return { kind: 'anonymous', ...(capability === undefined ? {} : { capability }) };
  }
  const token = bearerToken(authorization);
  // Whoever is known goes on, whatever others behind the same address send.
  if (token === undefined || !tokens.wasValid(token)) bad.refuseTooMany(request.ip);
  const account = token === undefined ? undefined : await tokens.authenticate(pool, token);
  if (account === undefined) {
    bad.count(request.ip);
    throw new Refusal('auth.invalid_token', 'the token is unknown, revoked, expired or malformed');
  }
  return { kind: 'account', ...account };
}

/** The header Quittance-Capability. */
export function capabilityIn({ headers }: Pick<FastifyRequest, 'headers'>): string | undefined {
  const capability = headers['quittance-capability'];
  return typeof capability === 'string' ? capability : undefined;
}

/** Throws Refusal `auth.required`. */
export function tokenOf(request: FastifyRequest): AccountCaller {
  if (request.caller.kind === 'account') return request.caller;
  throw new Refusal('auth.required', 'send the header Authorization: Bearer <token>');
}

/** Whoever acts for an account. Throws Refusal `auth.required`, `auth.scope_required`. */
export function accountOf(request: FastifyRequest): AccountCaller {
  const account = tokenOf(request);
  if (!mayDo(account, 'own')) throw lacks('own');
  return account;
}

/** Throws Refusal `auth.required`, `auth.operator_required`, `auth.scope_required`. */
export function staffOf(request: FastifyRequest, scope: StaffScope): AccountCaller {
  const account = tokenOf(request);
  if (!isStaff(account.role)) {
    throw new Refusal('auth.operator_required', `${account.name} is not an operator`);
  }
  if (!mayDo(account, scope)) throw lacks(scope);
  return account;
}

function lacks(scope: Scope): Refusal {
  return new Refusal('auth.scope_required', `it takes the scope ${scope}`);
}
