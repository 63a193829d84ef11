import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Caller } from '../../../engine/accounts/caller.js';
import { Refusal, type RefusalCode } from '../../../domain/refusal.js';
import type { TokenCache } from './token-cache.js';

/** Who may use a route: `anyone` also without a token. */
export type Access = 'anyone' | 'account' | 'operator';
export type AccountCaller = Extract<Caller, { kind: 'account' }>;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Missing on routes outside /v1. */
    access?: Access;
    /** Codes this route may refuse with, beside those of every route: for the documentation. */
    refusals?: readonly RefusalCode[];
  }
  interface FastifyRequest {
    /** Set before anything else reads the request. */
    caller: Caller;
  }
}

const BEARER = /^Bearer +([^\s]+) *$/i;

/** Before the body is read: identifies the caller and checks its access. */
export function checkAccess(app: FastifyInstance, tokens: TokenCache): void {
  app.decorateRequest('caller');
  app.addHook('onRequest', async (request) => {
    request.caller = await identify(request, tokens);
    const { access } = request.routeOptions.config;
    if (access === 'account') accountOf(request);
    if (access === 'operator') operatorOf(request);
  });
}

async function identify(request: FastifyRequest, tokens: TokenCache): Promise<Caller> {
  const { authorization } = request.headers;
  if (authorization === undefined) {
    const capability = request.headers['quittance-capability'];
    return { kind: 'anonymous', ...(typeof capability === 'string' ? { capability } : {}) };
  }
  const [, token] = BEARER.exec(authorization) ?? [];
  const account = token === undefined ? undefined : await tokens.authenticate(token);
  if (account === undefined) {
    throw new Refusal('auth.invalid_token', 'the token is unknown, revoked or malformed');
  }
  return { kind: 'account', ...account };
}

/** Throws Refusal `auth.required`. */
export function accountOf(request: FastifyRequest): AccountCaller {
  if (request.caller.kind === 'account') return request.caller;
  throw new Refusal('auth.required', 'send Authorization: Bearer and a token');
}

/** Throws Refusal `auth.required`, `auth.operator_required`. */
export function operatorOf(request: FastifyRequest): AccountCaller {
  const account = accountOf(request);
  if (account.role === 'operator') return account;
  throw new Refusal('auth.operator_required', `${account.name} is no operator`);
}
