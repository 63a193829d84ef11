import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { closeOnceAnswered } from './closing.js';
import { boundConnections } from './connections.js';
import { isPeers } from './peers.js';
import { allowOrigins, type CorsPolicy, NO_CORS, ownCors, PEERS_CORS } from './cors.js';
import { alephPlugin } from './aleph/plugin.js';
import type { ApiDeps } from './deps.js';
import { documentRoutes } from './docs/openapi.js';
import { answerErrorsWithProblems, errorsBeforeRouting } from './errors.js';
import { answerUnknownAddresses } from './not-found.js';
import { pageNotFound, pagesPlugin } from './pages/plugin.js';
import { cutOversizedBodies } from './oversized.js';
import { logAnswers } from './request-log.js';
import { lnurlPlugin } from './lnurl/plugin.js';
import { SatelliteError } from './satellite/errors.js';
import { type SatelliteDeps, satellitePlugin, sendSatelliteError } from './satellite/plugin.js';
import type { SatelliteSettings } from './satellite/settings.js';
import { addSecurityHeaders } from './security-headers.js';
import { timeLimits } from './slow.js';
import { traceRequests } from './tracing.js';
import { trustedProxies } from './trusted-proxies.js';
import { v1 } from './v1/plugin.js';
import { webhooksPlugin } from './webhooks/plugin.js';
import type { OpsRoutes } from '../shared/ops-routes.js';

/** Bytes: enough for the longest text, even if every character is escaped. */
const BODY_LIMIT = 1024 * 1024;
/** Every part that fits into the head of a request is routed: a schema or the peer's own words refuse it, not the router. */
const MAX_PARAM_LENGTH = 64 * 1024;
/** A caller's X-Request-Id is used in our logs if it has this form. */
const REQUEST_ID = /^[A-Za-z0-9._-]{1,64}$/;

/** Builds the HTTP API: /v1, the peers' routes, /docs and health. It does not listen yet. */
export function buildApi(deps: ApiDeps): FastifyInstance {
  return serverWith(deps, (app) => {
    addSecurityHeaders(app);
    const own = ownCors(deps.corsOrigins ?? []);
    allowOrigins(app, (path) => peersCors(path) ?? own);
    logAnswers(app);
    answerErrorsWithProblems(app);
    answerUnknownAddresses(app, deps.pages && pageNotFound(deps, deps.pages));
    void app.register(async (inner) => {
      if (deps.docs !== false) documentRoutes(inner);
      addOpsRoutes(inner, deps.opsRoutes);
      await inner.register(v1(deps));
      await inner.register(satellitePlugin(satelliteDeps(deps)));
      await inner.register(alephPlugin(deps));
      await inner.register(lnurlPlugin(deps));
      if (deps.intake !== undefined) await inner.register(webhooksPlugin(deps.intake));
      if (deps.pages !== undefined) {
        await inner.register(pagesPlugin(deps, deps.pages), { prefix: deps.pages.base });
      }
    });
  });
}

/** The Satellite API alone, at an address of its own: what it does not have is answered as the peer answers it. */
export function buildSatelliteApi(deps: ApiDeps): FastifyInstance {
  return serverWith(deps, (app) => {
    allowOrigins(app, (path) => peersCors(path) ?? NO_CORS);
    logAnswers(app);
    app.setNotFoundHandler((_request, reply) =>
      sendSatelliteError(reply, SatelliteError.notFound()),
    );
    void app.register(satellitePlugin(satelliteDeps(deps)));
  });
}

function serverWith(deps: ApiDeps, add: (app: FastifyInstance) => void): FastifyInstance {
  const loggerInstance: FastifyBaseLogger = deps.logger;
  const app = Fastify({
    loggerInstance,
    logController: new LogController({
      disableRequestLogging: true,
      requestIdLogLabel: 'requestId',
    }),
    genReqId: requestIdOf,
    bodyLimit: BODY_LIMIT,
    trustProxy: [...(deps.trustedProxies ?? [])],
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    ...timeLimits(deps.slowest),
    // Requests that arrive during a shutdown are still answered; then the connection is closed.
    return503OnClosing: false,
    ...errorsBeforeRouting,
  });
  boundConnections(app.server, deps.connections, trustedProxies(deps.trustedProxies ?? []));
  closeOnceAnswered(app);
  cutOversizedBodies(app);
  app.decorateRequest('refusal', null);
  deps.metrics?.measure(app);
  traceRequests(app, deps.traceCallers ?? 'ignored');
  add(app);
  return app;
}

function satelliteDeps(deps: ApiDeps): SatelliteDeps {
  const { engine, reads, events, keepaliveMs, streamPlaces } = deps;
  return {
    ...{ engine, reads, isTrustedProxy: trustedProxies(deps.trustedProxies ?? []) },
    satellite: deps.satellite ?? closedSatellite(engine.secret),
    ...(events === undefined ? {} : { events }),
    ...(keepaliveMs === undefined ? {} : { keepaliveMs }),
    ...(streamPlaces === undefined ? {} : { streamPlaces }),
  };
}

function closedSatellite(secret: string): SatelliteSettings {
  return {
    ...{ secret, orderSecrets: [secret], development: false, forcePayment: false },
    guard: { open: false },
  };
}

/** The peers' front opens what is public to all pages; what is guarded and the streams to none. */
function peersCors(path: string): CorsPolicy | undefined {
  if (!isPeers(path)) return undefined;
  return /^\/(admin|subscribe|order\/[tr]x)(?![^/?])/.test(path) ? NO_CORS : PEERS_CORS;
}

function requestIdOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
}

/** Health on the API's own port. */
function addOpsRoutes(app: FastifyInstance, routes: OpsRoutes): void {
  for (const [url, answer] of Object.entries(routes)) {
    app.get(
      url,
      { config: { access: 'anyone', quiet: true }, schema: { hide: true } },
      async (_request, reply) => {
        const { status, contentType, body } = await answer();
        return reply.code(status).type(contentType).header('cache-control', 'no-store').send(body);
      },
    );
  }
}
