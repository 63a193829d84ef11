import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifyServerOptions } from 'fastify';
import { isRefusedInput, isRefusedValue } from '../../db/errors.js';
import { Refusal } from '../../domain/refusal.js';
import { loggedAsAborted } from './request-log.js';
import { PROBLEM_TYPE, problemOf, refusalOf, sendProblem } from '../shared/problem.js';

/** Answers every error with a problem; only 5xx are logged as errors. */
export function answerErrorsWithProblems(app: FastifyInstance): void {
  app.setErrorHandler((error, request, reply) => answer(error, request, reply));
}

function answer(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const refusal = refusalOf(error);
  request.refusal = refusal;
  if (loggedAsAborted(request)) return sendProblem(refusal, request, reply);
  // What the engine itself refuses is no failure, whatever its status.
  if (isConflict(error))
    request.log.warn({ err: error }, 'PostgreSQL refused what a request asked for');
  if (refusal.status >= 500 && error !== refusal) request.log.error({ err: error }, refusal.title);
  else if (error !== refusal) request.log.debug({ err: error }, refusal.code);
  return sendProblem(refusal, request, reply);
}

/** A constraint that no check before it has kept: of a request, but worth a look. */
function isConflict(error: unknown): boolean {
  return isRefusedInput(error) && !isRefusedValue(error);
}

/** Handles errors before routing: addresses that cannot be decoded, requests that are not HTTP. */
export const errorsBeforeRouting: Pick<
  FastifyServerOptions,
  'frameworkErrors' | 'clientErrorHandler'
> = {
  frameworkErrors(error, request, reply) {
    request.log.info({ code: error.code }, 'the address of a request is malformed');
    // Not returned: the types of a reply before routing have no payload.
    answer(new Refusal('request.malformed', error.message), request, reply);
  },
  clientErrorHandler(error, socket) {
    if (socket.writable && error.code !== 'ECONNRESET') writeProblem(socket, error.code);
    socket.destroySoon();
  },
};

const BEFORE_ROUTING: ReadonlyMap<string, Refusal> = new Map([
  [
    'HPE_HEADER_OVERFLOW',
    new Refusal('request.headers_too_large', 'send fewer or shorter header fields'),
  ],
  [
    'ERR_HTTP_REQUEST_TIMEOUT',
    new Refusal('request.too_slow', 'the request did not arrive in time'),
  ],
]);

function writeProblem(socket: Socket, code: string): void {
  const refusal =
    BEFORE_ROUTING.get(code) ?? new Refusal('request.malformed', 'the request is not valid HTTP');
  const body = JSON.stringify(problemOf(refusal, ''));
  socket.write(
    `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? ''}\r\n` +
      `Content-Type: ${PROBLEM_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
      `Connection: close\r\n\r\n${body}`,
  );
}
