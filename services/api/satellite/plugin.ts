import type {
  FastifyError,
  FastifyInstance,
  FastifyPluginCallback,
  FastifyReply,
  HTTPMethods,
} from 'fastify';
import { CHANNELS } from '../../../domain/transmissions/channels.js';
import { MAINTENANCE_SECONDS, setRetryAfter, statusOf } from '../problem.js';
import { loggedAsAborted } from '../request-log.js';
import { SatelliteError, tooLarge } from './errors.js';
import { parseForms } from './form.js';
import { sendMessage } from './message.js';
import { deleteOrder, type OrderDeps, showOrder } from './own-order.js';
import { postOrder } from './post-order.js';
import { pythonJson } from './python-json.js';

/** Of the channels that users may post on; others allow more. */
const MAX_FILE_BYTES = Math.max(
  ...CHANNELS.filter(({ userMay }) => userMay.includes('post')).map(
    ({ maxMessageBytes }) => maxMessageBytes,
  ),
);

/**
 * The Satellite API, wire-compatible with Blockstream's: its paths, bodies, errors and quirks. Encapsulated: its parsers and its
 * error format do not affect the rest of our API.
 */
export function satellitePlugin(deps: OrderDeps): FastifyPluginCallback {
  return (app, _options, done) => {
    parseForms(app, MAX_FILE_BYTES);
    app.setErrorHandler((error: FastifyError | SatelliteError, request, reply) => {
      const answer = error instanceof SatelliteError ? error : satelliteErrorOf(error);
      if (!loggedAsAborted(request) && answer.status >= 500 && answer !== error) {
        request.log.error({ err: error }, 'the Satellite API failed');
      }
      setRetryAfter(reply, answer.status, answer === error ? MAINTENANCE_SECONDS : undefined);
      return sendJson(reply.status(answer.status), answer.body);
    });
    addRoutes(app, deps);
    done();
  };
}

const METHODS: readonly HTTPMethods[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

function addRoutes(app: FastifyInstance, deps: OrderDeps): void {
  app.post('/order', async (request, reply) =>
    sendJson(reply, await postOrder(deps, request.form, request.ip)),
  );
  app.get('/order/:uuid', async (request, reply) =>
    sendJson(reply, await showOrder(deps, request)),
  );
  app.delete('/order/:uuid', async (request, reply) =>
    sendJson(reply, await deleteOrder(deps, request)),
  );
  app.get('/message/:seq', (request, reply) => sendMessage(deps.reads, request, reply));
  answerOtherMethods(app, {
    '/order': ['POST'],
    '/order/:uuid': ['GET', 'HEAD', 'DELETE'],
    '/message/:seq': ['GET', 'HEAD'],
  });
}

/** Answers OPTIONS empty and other methods with 405, both with Allow. */
function answerOtherMethods(
  app: FastifyInstance,
  allowed: Readonly<Record<string, readonly HTTPMethods[]>>,
): void {
  for (const [url, methods] of Object.entries(allowed)) {
    const allow = [...methods, 'OPTIONS'].join(', ');
    app.options(url, (_request, reply) => reply.header('allow', allow).send());
    app.route({
      method: METHODS.filter((method) => !methods.includes(method)),
      url,
      handler: (_request, reply) => {
        void reply.header('allow', allow);
        throw SatelliteError.message(405, 'The method is not allowed for the requested URL.');
      },
    });
  }
}

function sendJson(reply: FastifyReply, body: unknown): FastifyReply {
  return reply.header('content-type', 'application/json').send(`${pythonJson(body)}\n`);
}

/** The framework's error in the peer's format. */
function satelliteErrorOf(error: FastifyError): SatelliteError {
  const status = statusOf(error);
  if (status === 413) return tooLarge(MAX_FILE_BYTES);
  if (status < 500) return SatelliteError.message(status, error.message);
  return SatelliteError.message(
    status,
    status === 503 ? 'Service Unavailable' : 'Internal Server Error',
  );
}
