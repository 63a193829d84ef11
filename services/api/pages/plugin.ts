import type { FastifyInstance, FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../../../domain/refusal.js';
import type { ApiDeps } from '../deps.js';
import { refusalOf, setRetryAfter } from '../../shared/problem.js';
import { checkRoute } from '../v1/access.js';
import { auditStaff } from '../v1/audited.js';
import { readAssets } from './assets.js';
import { type PagesContext, viewFor } from './context.js';
import { ErrorPage } from './error-page.js';
import { PageStreams } from './events/streams.js';
import { parseForms } from './http/form.js';
import { refuseCrossSite } from './http/same-site.js';
import { addPageRoutes } from './routes.js';
import { sendPage } from './send.js';
import { callerOf, giveClientSecret, readVisitor } from './session/visitor.js';
import type { PageSettings } from './settings.js';
import { to } from './view.js';

/** Everything comes from here, and nothing is written into a page that a browser would run. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/** The pages that people use: rendered here, from the same reads as /v1. */
export function pagesPlugin(deps: ApiDeps, settings: PageSettings): FastifyPluginCallback {
  const context: PagesContext = {
    ...{ deps, settings },
    assets: readAssets(),
    streams: new PageStreams(deps.streamPlaces),
  };
  return (app, _options, done) => {
    addHooks(app, context);
    auditStaff(app, deps);
    parseForms(app);
    app.setErrorHandler((error, request, reply) => answerError(context, error, request, reply));
    app.addHook('preClose', (closed) => {
      context.streams.endAll();
      closed();
    });
    addPageRoutes(app, context);
    done();
  };
}

function addHooks(app: FastifyInstance, { deps, settings }: PagesContext): void {
  app.decorateRequest('caller');
  app.decorateRequest('visitor');
  app.addHook('onRequest', async (request, reply) => {
    void reply.header('content-security-policy', POLICY);
    // The address of a page that one leaves for another of ours is nobody else's business.
    void reply.header('referrer-policy', 'same-origin');
    refuseCrossSite(request);
    request.visitor = readVisitor(request, settings.secureCookies);
    request.caller = { kind: 'anonymous' };
    const { access } = request.routeOptions.config;
    if (access === undefined) return;
    request.caller = await callerOf(request.visitor, deps);
    checkRoute(request, access);
    giveClientSecret(request, reply, settings.secureCookies);
  });
}

function answerError(
  context: PagesContext,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const refusal = refusalOf(error);
  request.refusal = refusal;
  const { base } = context.settings;
  const view = viewFor(context, request);
  if (refusal.status === 401 && view.viewer === null && request.method === 'GET') {
    const next = encodeURIComponent(view.path);
    return reply
      .code(303)
      .header('location', to({ base }, `/sign-in?next=${next}`))
      .send();
  }
  if (refusal.status >= 500 && error !== refusal) request.log.error({ err: error }, refusal.title);
  if (refusal.retryAfterSeconds === undefined) setRetryAfter(reply, refusal.status);
  else void reply.header('retry-after', refusal.retryAfterSeconds);
  return sendPage(
    reply,
    ErrorPage({ view, refusal, requestId: request.id, again: request.method === 'GET' }),
    refusal.status,
  );
}

/** For addresses that do not exist, where a browser asks. */
export function pageNotFound(
  deps: ApiDeps,
  settings: PageSettings,
): (request: FastifyRequest, reply: FastifyReply) => FastifyReply {
  const context = { ...{ deps, settings }, assets: readAssets(), streams: new PageStreams() };
  return (request, reply) => {
    const refusal = new Refusal('request.not_found', 'There is no page at this address.');
    const view = viewFor(context, request);
    void reply.header('content-security-policy', POLICY);
    return sendPage(
      reply,
      ErrorPage({ view, refusal, requestId: request.id, again: request.method === 'GET' }),
      404,
    );
  };
}
