import { createHash, randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '../../../../engine/accounts/caller.js';
import { readPageSession } from '../../../../engine/accounts/page-sessions.js';
import { hashJson } from '../../../../engine/canonical-json.js';
import type { IdempotencyKey } from '../../../../engine/idempotency.js';
import type { ApiDeps } from '../../deps.js';
import { cookieName, cookieText, readCookie } from '../http/cookies.js';
import type { Form } from '../http/form.js';
import { type OwnActions, readOwnActions, withOwnAction } from './own-actions.js';

const SESSION_SECONDS = 30 * 86_400;
const CLIENT_SECONDS = 365 * 86_400;
const CLIENT_SECRET = /^[A-Za-z0-9_-]{43}$/;

declare module 'fastify' {
  interface FastifyRequest {
    /** What the cookies of a browser say, on pages. */
    visitor: Visitor;
  }
}

export interface Visitor {
  /** Of the session; undefined where there is no cookie. */
  readonly sessionId: string | undefined;
  /** To whom the keys of forms belong without an account. */
  readonly clientSecret: string | undefined;
  readonly own: OwnActions;
}

export function readVisitor(
  { headers }: Pick<FastifyRequest, 'headers'>,
  secure: boolean,
): Visitor {
  const cookie = (name: Parameters<typeof cookieName>[0]): string | undefined =>
    readCookie(headers.cookie, cookieName(name, secure));
  const secret = cookie('client');
  return {
    sessionId: cookie('session'),
    clientSecret: secret !== undefined && CLIENT_SECRET.test(secret) ? secret : undefined,
    own: readOwnActions(cookie('own')),
  };
}

export async function callerOf({ sessionId }: Visitor, { reads }: ApiDeps): Promise<Caller> {
  const account = sessionId === undefined ? undefined : await readPageSession(reads, sessionId);
  return account === undefined ? { kind: 'anonymous' } : { kind: 'account', ...account };
}

/** Whoever has opened this action: the browser, where it has done so without an account, even if it has signed in since. */
export function callerFor({ caller, visitor }: FastifyRequest, actionId: string): Caller {
  const capability = visitor.own.get(actionId);
  return capability === undefined ? caller : { kind: 'anonymous', capability };
}

/** A browser without a session gets a secret of its own before it sends its first form. */
export function giveClientSecret(
  { caller, visitor, method }: FastifyRequest,
  reply: FastifyReply,
  secure: boolean,
): void {
  if (method !== 'GET' || caller.kind === 'account' || visitor.clientSecret !== undefined) return;
  const secret = randomBytes(32).toString('base64url');
  addCookie(reply, 'client', secret, { secure, maxAge: CLIENT_SECONDS });
}

export function giveSession(reply: FastifyReply, id: string, secure: boolean): void {
  addCookie(reply, 'session', id, { secure, maxAge: SESSION_SECONDS });
}

export function dropSession(reply: FastifyReply, secure: boolean): void {
  addCookie(reply, 'session', '', { secure, maxAge: 0 });
}

export function rememberAction(
  { visitor }: FastifyRequest,
  reply: FastifyReply,
  opened: { readonly id: string; readonly capability: string },
  secure: boolean,
): void {
  const value = withOwnAction(visitor.own, opened.id, opened.capability);
  addCookie(reply, 'own', value, { secure, maxAge: CLIENT_SECONDS });
}

function addCookie(
  reply: FastifyReply,
  name: Parameters<typeof cookieName>[0],
  value: string,
  terms: Parameters<typeof cookieText>[2],
): void {
  void reply.header('set-cookie', cookieText(cookieName(name, terms.secure), value, terms));
}

/** The key of a form, so that it is carried out once however often it is sent. Empty where nothing can be told apart. */
export function formIdempotency(
  { caller, visitor, routeOptions, params }: FastifyRequest,
  form: Form,
): { readonly idempotencyKey?: IdempotencyKey } {
  const key = form.text('key');
  const owner =
    caller.kind === 'account'
      ? `account/${caller.id}`
      : visitor.clientSecret && `client/${visitor.clientSecret}`;
  if (owner === undefined || !/^[0-9a-f-]{36}$/.test(key)) return {};
  const fields = form.entries().filter(([name]) => name !== 'key' && name !== 'live');
  return {
    idempotencyKey: {
      key: `page/${key}`,
      scope: createHash('sha256').update(owner).digest(),
      bodyHash: hashJson([routeOptions.url, params, fields]),
    },
  };
}
