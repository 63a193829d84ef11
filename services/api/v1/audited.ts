import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isStaff } from '../../../domain/accounts/roles.js';
import { shownText } from '../../../domain/storable.js';
import { audit, type Act } from '../../../engine/audit.js';
import type { ApiDeps } from '../deps.js';
import { type AccountCaller, poolFor } from './access.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * Whether a call by somebody who is no user is audited. Left out: whatever changes something, and whatever only a scope gives.
     * False: it shows nothing private. True: it may show what belongs to others.
     */
    audited?: boolean;
  }
  interface FastifyRequest {
    /** The number of its row in the audit. */
    audited: bigint | null;
  }
}

/**
 * Writes each act of operators and their helpers to the audit before it is done: what cannot be audited is not done. What became of
 * a change is a second row, which names the first.
 */
export function auditStaff(app: FastifyInstance, deps: ApiDeps): void {
  app.decorateRequest('audited', null);
  app.addHook('preHandler', async (request) => {
    const { caller } = request;
    if (caller.kind !== 'account' || !isStaff(caller.role) || !isAudited(request)) return;
    request.audited = await audit(poolFor(request, deps), actOf(request, caller));
  });
  app.addHook('onResponse', async (request, reply) => {
    const { caller, audited } = request;
    if (audited === null || isRead(request) || caller.kind !== 'account') return;
    const act = { ...actOf(request, caller), act: 'answered' };
    const detail = { status: reply.statusCode, of: audited.toString() };
    await audit(deps.engine.pool, { ...act, detail }).catch((err: unknown) =>
      request.log.warn({ err, audited: audited.toString() }, 'an answer could not be audited'),
    );
  });
}

function isRead({ method }: FastifyRequest): boolean {
  return method === 'GET' || method === 'HEAD';
}

function isAudited(request: FastifyRequest): boolean {
  const { audited, access } = request.routeOptions.config;
  if (audited !== undefined) return audited;
  if (access === undefined) return false;
  return !isRead(request) || !['anyone', 'token', 'account'].includes(access);
}

function actOf(request: FastifyRequest, caller: AccountCaller): Act {
  const { method, routeOptions, params, query, body, ip } = request;
  const because = reasonIn(body);
  return {
    ...{ actor: caller.name, actorId: caller.id, role: caller.role, via: 'http', address: ip },
    act: `${method} ${routeOptions.url ?? ''}`,
    target: shownText(Object.values(entriesOf(params)).join('/')),
    detail: detailOf(query, body),
    ...(caller.tokenId === undefined ? {} : { token: caller.tokenId }),
    ...(because === undefined ? {} : { because }),
  };
}

/** What of a request says what was done. Secrets, keys and texts of messages are not among them. */
const TOLD = [
  ...['name', 'account', 'role', 'scopes', 'days', 'label', 'asset', 'amountMsat', 'expiresAt'],
  ...['attempt', 'state', 'actor', 'target', 'id', 'kind', 'type', 'until', 'minBalance'],
];

function detailOf(query: unknown, body: unknown): Readonly<Record<string, unknown>> {
  const all = { ...entriesOf(query), ...entriesOf(body) };
  const told = Object.entries(all).filter(([name]) => TOLD.includes(name));
  return Object.fromEntries(told.map(([name, value]) => [name, textOf(value)]));
}

function textOf(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  return typeof value === 'string' ? shownText(value) : value;
}

function reasonIn(body: unknown): string | undefined {
  const { because, reason } = entriesOf(body);
  const text = because ?? reason;
  return typeof text === 'string' ? shownText(text) : undefined;
}

function entriesOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
