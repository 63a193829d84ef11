import type { FastifyError, FastifyInstance, FastifyPluginAsync, FastifyReply } from 'fastify';
import type { EngineContext } from '../../../engine/context.js';
import { CHANNELS } from '../../../domain/transmissions/channels.js';
import { SatelliteError, tooLarge } from './errors.js';
import { parseForms, readForm } from './form.js';
import { sendMessage } from './message.js';
import { answerOtherMethods } from './other-methods.js';
import { deleteOrder, showOrder } from './own-order.js';
import { postOrder } from './post-order.js';
import { pythonJson } from './python-json.js';

/** Channels without public orders allow more, but take no orders here. */
const MAX_FILE_BYTES = Math.max(
  ...CHANNELS.filter(({ userMay }) => userMay.includes('post')).map(
    ({ maxMessageBytes }) => maxMessageBytes,
  ),
);

/**
 * The Satellite API, wire-compatible with Blockstream's: its paths, bodies, errors and quirks. Encapsulated: the rest of our
 * API sees nothing of its parsers and its error format.
 */
export function satellitePlugin({
  engine,
}: {
  readonly engine: EngineContext;
}): FastifyPluginAsync {
  return async (app) => {
    await parseForms(app, MAX_FILE_BYTES);
    app.setErrorHandler((error: FastifyError | SatelliteError, request, reply) => {
      const answer = error instanceof SatelliteError ? error : satelliteErrorOf(error);
      if (answer.status >= 500) request.log.error({ err: error }, 'the Satellite API failed');
      return sendJson(reply.status(answer.status), answer.body);
    });
    addRoutes(app, engine);
  };
}

function addRoutes(app: FastifyInstance, engine: EngineContext): void {
  app.post('/order', async (request, reply) =>
    sendJson(reply, await postOrder(engine, await readForm(request))),
  );
  app.get('/order/:uuid', async (request, reply) =>
    sendJson(reply, await showOrder(engine, request, await readForm(request))),
  );
  app.delete('/order/:uuid', async (request, reply) =>
    sendJson(reply, await deleteOrder(engine, request, await readForm(request))),
  );
  app.get('/message/:seq', (request, reply) => sendMessage(engine, request, reply));
  answerOtherMethods(app, {
    '/order': ['POST'],
    '/order/:uuid': ['GET', 'HEAD', 'DELETE'],
    '/message/:seq': ['GET', 'HEAD'],
  });
}

function sendJson(reply: FastifyReply, body: unknown): FastifyReply {
  return reply.header('content-type', 'application/json').send(`${pythonJson(body)}\n`);
}

/** What the framework refused, in the peer's form. */
function satelliteErrorOf(error: FastifyError): SatelliteError {
  const status = error.statusCode ?? 500;
  if (status === 413) return tooLarge(MAX_FILE_BYTES);
  if (status < 500) return SatelliteError.message(status, error.message);
  return SatelliteError.message(500, 'Internal Server Error');
}
