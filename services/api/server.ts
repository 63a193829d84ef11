import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { closeOnceAnswered } from './closing.js';
import { allowOrigins, ownCors, PEERS_CORS } from './cors.js';
import { alephPlugin } from './aleph/plugin.js';
import type { ApiDeps } from './deps.js';
import { documentRoutes } from './docs/openapi.js';
import { answerErrorsWithProblems, errorsBeforeRouting } from './errors.js';
import { answerUnknownAddresses } from './not-found.js';
import { cutOversizedBodies } from './oversized.js';
import { logAnswers } from './request-log.js';
import { lnurlPlugin } from './lnurl/plugin.js';
import { satellitePlugin } from './satellite/plugin.js';
import { addSecurityHeaders } from './security-headers.js';
import { timeLimits } from './slow.js';
import { v1 } from './v1/plugin.js';
import { webhooksPlugin } from './webhooks/plugin.js';
import type { OpsRoutes } from '../shared/ops-routes.js';

/** Bytes: enough for the longest text, even if every character is escaped. */
const BODY_LIMIT = 1024 * 1024;
/** Every part that fits into the head of a request is routed: a schema or the peer's own words refuse it, not the router. */
const MAX_PARAM_LENGTH = 64 * 1024;
/** The peers' routes: the Satellite API's, pyaleph's and LNURL's. */
const PEERS =
  /^\/(order|orders|message|info|queue\.html|subscribe|callback|api\/v0|lnurlp|\.well-known\/lnurlp)(?![^/?])/;
/** A caller's X-Request-Id is used in our logs if it has this form. */
const REQUEST_ID = /^[A-Za-z0-9._-]{1,64}$/;

/** Builds the HTTP API: /v1, the peers' routes, /docs, health and metrics. It does not listen yet. */
export function buildApi(deps: ApiDeps): FastifyInstance {
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
  closeOnceAnswered(app);
  cutOversizedBodies(app);
  addSecurityHeaders(app);
  const own = ownCors(deps.corsOrigins ?? []);
  allowOrigins(app, (path) => (PEERS.test(path) ? PEERS_CORS : own));
  logAnswers(app);
  answerErrorsWithProblems(app);
  answerUnknownAddresses(app);
  void app.register(async (inner) => {
    if (deps.docs !== false) documentRoutes(inner);
    addOpsRoutes(inner, deps.opsRoutes);
    await inner.register(v1(deps));
    await inner.register(satellitePlugin(deps));
    await inner.register(alephPlugin(deps));
    await inner.register(lnurlPlugin(deps));
    if (deps.intake !== undefined) await inner.register(webhooksPlugin(deps.intake));
  });
  return app;
}

function requestIdOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
}

/** /healthz, /readyz and /metrics on the API's own port. */
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
