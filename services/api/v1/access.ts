import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Pool } from 'pg';
import type { Account } from '../../../engine/accounts/accounts.js';
import type { Caller } from '../../../engine/accounts/caller.js';
import { Refusal, type RefusalCode } from '../../../domain/refusal.js';
import type { ApiDeps } from '../deps.js';
import { refuseDuplicateHeaders } from '../single-headers.js';
import type { TokenCache } from './token-cache.js';

/** Who may call a route: `anyone` includes callers without a token. */
export type Access = 'anyone' | 'account' | 'operator';
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

const BEARER = /^Bearer +([^\s]+) *$/i;

/** Identifies the caller and checks access, before the body is read. */
export function checkAccess(app: FastifyInstance, deps: ApiDeps, tokens: TokenCache): void {
  app.decorateRequest('caller');
  app.addHook('onRequest', async (request) => {
    refuseDuplicateHeaders(request);
    request.caller = await identify(request, (token) =>
      tokens.authenticate(poolFor(request, deps), token),
    );
    const { access } = request.routeOptions.config;
    if (access === 'account') accountOf(request);
    if (access === 'operator') operatorOf(request);
  });
}

function poolFor({ method }: FastifyRequest, { engine, reads }: ApiDeps): Pool {
  return method === 'GET' || method === 'HEAD' ? reads : engine.pool;
}

async function identify(
  request: FastifyRequest,
  authenticate: (token: string) => Promise<Account | undefined>,
): Promise<Caller> {
  const { authorization } = request.headers;
  if (authorization === undefined) {
    const capability = capabilityIn(request);
    return { kind: 'anonymous', ...(capability === undefined ? {} : { capability }) };
  }
  const [, token] = BEARER.exec(authorization) ?? [];
  const account = token === undefined ? undefined : await authenticate(token);
  if (account === undefined) {
    throw new Refusal('auth.invalid_token', 'the token is unknown, revoked or malformed');
  }
  return { kind: 'account', ...account };
}

/** The header Quittance-Capability. */
export function capabilityIn({ headers }: Pick<FastifyRequest, 'headers'>): string | undefined {
  const capability = headers['quittance-capability'];
  return typeof capability === 'string' ? capability : undefined;
}

/** Throws Refusal `auth.required`. */
export function accountOf(request: FastifyRequest): AccountCaller {
  if (request.caller.kind === 'account') return request.caller;
  throw new Refusal('auth.required', 'send the header Authorization: Bearer <token>');
}

/** Throws Refusal `auth.required`, `auth.operator_required`. */
export function operatorOf(request: FastifyRequest): AccountCaller {
  const account = accountOf(request);
  if (account.role === 'operator') return account;
  throw new Refusal('auth.operator_required', `${account.name} is not an operator`);
}
