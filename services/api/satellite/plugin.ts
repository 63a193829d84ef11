import type {
  FastifyError,
  FastifyInstance,
  FastifyPluginCallback,
  FastifyReply,
  FastifyRequest,
  HTTPMethods,
} from 'fastify';
import type { Channel } from '../../../domain/transmissions/channels.js';
import { MAINTENANCE_SECONDS, setRetryAfter, statusOf } from '../../shared/problem.js';
import { loggedAsAborted } from '../request-log.js';
import { SatelliteError, tooLarge } from './errors.js';
import type { EventFeed } from './event-feed.js';
import { parseForms } from './form.js';
import { auditAdministrators } from './audited.js';
import { refuseStrangers } from './guard.js';
import type { OrderDeps } from './own-order.js';
import type { Places } from '../places.js';
import { type Route, routesOf, sendJson } from './routes.js';
import { EventStreams } from './subscribe.js';

export interface SatelliteDeps extends OrderDeps {
  /** Left out: /subscribe is not served. */
  readonly events?: EventFeed;
  /** Between comments on an event stream. */
  readonly keepaliveMs?: number;
  /** Default: any number. */
  readonly streamPlaces?: Places;
}

/** Of bodies without a file. */
const MAX_FIELDS_BYTES = 64 * 1024;

/**
 * The Satellite API, wire-compatible with Blockstream's: its paths, bodies, errors and quirks. Encapsulated: its parsers and its
 * error format do not affect the rest of our API.
 */
export function satellitePlugin(deps: SatelliteDeps): FastifyPluginCallback {
  const { channels } = deps.engine.transmissions;
  return (app, _options, done) => {
    parseForms(app);
    app.setErrorHandler((error: FastifyError | SatelliteError, request, reply) =>
      sendError(error, request, reply),
    );
    const streams =
      deps.events === undefined
        ? undefined
        : new EventStreams(deps.events, channels, {
            ...(deps.streamPlaces === undefined ? {} : { places: deps.streamPlaces }),
            ...(deps.keepaliveMs === undefined ? {} : { keepaliveMs: deps.keepaliveMs }),
          });
    app.addHook('preClose', (closed) => {
      streams?.endAll();
      closed();
    });
    app.addHook('preHandler', refuseEmptyParts);
    auditAdministrators(app, deps.engine);
    for (const route of routesOf(deps, streams)) addRoute(app, deps, route);
    done();
  };
}

const METHODS: readonly HTTPMethods[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** A route with its guard; OPTIONS is answered empty and other methods with 405, both with Allow. */
function addRoute(
  app: FastifyInstance,
  deps: SatelliteDeps,
  { url, handlers, guarded }: Route,
): void {
  const methods = METHODS.filter((method) => handlers[method] !== undefined);
  const heads = methods.includes('GET') ? ['HEAD'] : [];
  const allow = [...methods, ...heads, 'OPTIONS'].join(', ');
  const guard = guardOf(deps, guarded);
  const bodyLimit = bodyLimitOf(deps, url, guarded);
  for (const method of methods) {
    const handler = handlers[method];
    if (handler !== undefined) app.route({ method, url, bodyLimit, ...guard, handler });
  }
  app.options(url, guard, (_request, reply) => reply.header('allow', allow).send());
  app.route({
    method: METHODS.filter((method) => !methods.includes(method)),
    url,
    ...guard,
    handler: (_request, reply) => {
      void reply.header('allow', allow);
      throw SatelliteError.message(405, 'The method is not allowed for the requested URL.');
    },
  });
}

/** The peer's router matches no empty part of an address; its list of channels comes from a query. */
function refuseEmptyParts(
  { params }: FastifyRequest,
  _reply: FastifyReply,
  done: () => void,
): void {
  const parts = Object.entries(params ?? {});
  if (parts.some(([name, part]) => part === '' && name !== 'channels')) {
    throw SatelliteError.notFound();
  }
  done();
}

/** Before the body is read. */
function guardOf(
  { satellite, isTrustedProxy = () => false }: SatelliteDeps,
  guarded: boolean,
): { onRequest?: (request: FastifyRequest, reply: FastifyReply, done: () => void) => void } {
  if (!guarded) return {};
  return {
    onRequest: (request, _reply, done) => {
      request.admission = refuseStrangers(satellite.guard, request, isTrustedProxy);
      done();
    },
  };
}

/** The public may send what some channel takes from it; only administrators more. */
function bodyLimitOf({ engine }: SatelliteDeps, url: string, guarded: boolean): number {
  const { channels } = engine.transmissions;
  if (!url.endsWith('/order')) return MAX_FIELDS_BYTES;
  const taken = guarded ? channels : channels.filter(({ userMay }) => userMay.includes('post'));
  return largestOf(taken) + MAX_FIELDS_BYTES;
}

function largestOf(channels: readonly Channel[]): number {
  return Math.max(0, ...channels.map(({ maxMessageBytes }) => maxMessageBytes));
}

function sendError(
  error: FastifyError | SatelliteError,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const answer =
    error instanceof SatelliteError ? error : satelliteErrorOf(error, largestFor(request));
  const { status } = answer;
  if (!loggedAsAborted(request) && status >= 500 && answer !== error) {
    request.log.error({ err: error }, 'the Satellite API failed');
  }
  setRetryAfter(reply, status, answer === error ? MAINTENANCE_SECONDS : undefined);
  return sendSatelliteError(reply, answer);
}

export function sendSatelliteError(
  reply: FastifyReply,
  { status, body, type }: SatelliteError,
): FastifyReply {
  void reply.status(status);
  if (type === 'json') return sendJson(reply, body);
  const mime = type === 'html' ? 'text/html; charset=utf-8' : 'text/plain; charset=utf-8';
  return reply.header('content-type', mime).send(body);
}

/** The largest message that this address takes. */
function largestFor({ routeOptions: { bodyLimit } }: FastifyRequest): number {
  return Math.max(0, bodyLimit - MAX_FIELDS_BYTES);
}

/** The framework's error in the peer's format. */
function satelliteErrorOf(error: FastifyError, largest: number): SatelliteError {
  const status = statusOf(error);
  if (status === 413) return tooLarge(largest);
  if (status < 500) return SatelliteError.message(status, error.message);
  return SatelliteError.message(
    status,
    status === 503 ? 'Service Unavailable' : 'Internal Server Error',
  );
}
