import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { JSX } from 'preact';
import { accountName } from '@quittance/sdk/answers';
import { logIn, openChallenge } from '../../../../engine/accounts/lnurl-auth.js';
import { originOf } from '../../../../engine/accounts/origin.js';
import { endPageSession, openPageSession } from '../../../../engine/accounts/page-sessions.js';
import { Refusal } from '../../../../domain/refusal.js';
import { BadTokens } from '../../../shared/bad-tokens.js';
import { type PagesContext, safePath, viewFor } from '../context.js';
import { type Form, formOf } from '../http/form.js';
import { sendPage } from '../send.js';
import { to } from '../view.js';
import { lnurlOf } from './lnurl.js';
import { SignInPage, WalletPage } from './sign-in-page.js';
import { dropSession, giveSession } from './visitor.js';

const options = { config: { access: 'anyone', audited: false }, schema: { hide: true } } as const;

export function addSessionRoutes(app: FastifyInstance, context: PagesContext): void {
  const { engine, badTokensPerMinute = 0 } = context.deps;
  const bad = new BadTokens(badTokensPerMinute);
  app.get('/sign-in', options, (request, reply) =>
    sendPage(reply, SignInPage({ view: viewFor(context, request), next: nextOf(request) })),
  );
  app.post('/sign-in', options, async (request, reply) => {
    const form = formOf(request.body);
    bad.refuseTooMany(request.ip);
    const id = await openPageSession(engine.pool, form.text('token'), false);
    if (id !== undefined) return enter(context, reply, id, form);
    bad.count(request.ip);
    const view = viewFor(context, request);
    const problem = 'This token is unknown, revoked or expired.';
    const page = SignInPage({ view, next: safePath(form.text('next')), problem });
    return sendPage(reply, page, 401);
  });
  app.post('/sign-out', options, async (request, reply) => {
    const { sessionId } = request.visitor;
    if (sessionId !== undefined) await endPageSession(engine.pool, sessionId);
    dropSession(reply, context.settings.secureCookies);
    return reply.code(303).header('location', to(context.settings, '/')).send();
  });
  addWalletRoutes(app, context);
}

/** LNURL-auth: a wallet signs a challenge, then whoever has asked for it enters. */
function addWalletRoutes(app: FastifyInstance, context: PagesContext): void {
  const { engine } = context.deps;
  app.post('/sign-in/wallet', options, async (request, reply) => {
    const { k1, secret } = await openChallenge(engine.pool, originOf(engine.secret, request.ip));
    const next = safePath(formOf(request.body).text('next'));
    return sendPage(reply, walletPage(context, request, { k1, secret, next }));
  });
  app.post('/sign-in/wallet/enter', options, async (request, reply) => {
    const form = formOf(request.body);
    const asked = { k1: form.text('k1'), secret: form.text('secret') };
    if (!/^[0-9a-f]{64}$/.test(asked.k1)) throw new Refusal('login.unknown', 'start again');
    const next = safePath(form.text('next'));
    try {
      const { token } = await logIn(engine.pool, {
        ...asked,
        ...nameIn(form),
        origin: originOf(engine.secret, request.ip),
      });
      const id = await openPageSession(engine.pool, token, true);
      if (id === undefined) throw new Error('a new token is not valid');
      return await enter(context, reply, id, form);
    } catch (error) {
      if (!(error instanceof Refusal) || !MAY_CHANGE.has(error.code)) throw error;
      const page = walletPage(context, request, { ...asked, next, refusal: error });
      return sendPage(reply, page, error.status);
    }
  });
}

const MAY_CHANGE: ReadonlySet<string> = new Set([
  'login.not_signed',
  'login.name_required',
  'account.name_taken',
]);

function nameIn(form: Form): { readonly name?: string } {
  const name = form.text('name').toLowerCase();
  if (name === '') return {};
  const parsed = accountName.safeParse(name);
  if (!parsed.success) {
    throw new Refusal('request.invalid', 'A name has 1 to 32 letters a to z, digits, _ and -.');
  }
  return { name: parsed.data };
}

interface Asked {
  readonly k1: string;
  readonly secret: string;
  readonly next: string;
  readonly refusal?: Refusal;
}

function walletPage(context: PagesContext, request: FastifyRequest, asked: Asked): JSX.Element {
  const query = `tag=login&k1=${asked.k1}&action=login`;
  const url = `${request.protocol}://${request.host}/v1/login/lnurl/callback?${query}`;
  return WalletPage({ view: viewFor(context, request), lnurl: lnurlOf(url), ...asked });
}

function enter(
  { settings }: PagesContext,
  reply: FastifyReply,
  id: string,
  form: Form,
): FastifyReply {
  giveSession(reply, id, settings.secureCookies);
  return reply
    .code(303)
    .header('location', to(settings, safePath(form.text('next'))))
    .send();
}

function nextOf({ query }: FastifyRequest): string {
  const next = typeof query === 'object' && query !== null && 'next' in query ? query.next : '';
  return safePath(typeof next === 'string' ? next : '');
}
