import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify';
import {
  LightningError,
  type LightningErrorKind,
  type LightningRefusal,
} from '../../../adapters/lightning/port.js';
import type { Logger } from '../../../services/shared/logger.js';
import type { Problem } from '../../../adapters/lightning/simulator-client/problem.js';
import { ConnectionCut } from '../faults/faulty-calls.js';

const STATUS: Partial<Record<LightningRefusal, number>> = {
  bad_request: 400,
  unknown_hash: 404,
  unknown_preimage: 404,
};
const CONFLICT = 409;

/** Answers every error as a problem (RFC 9457) with a code for its kind. */
export function answerWithProblems(server: FastifyInstance, logger: Logger): void {
  server.setNotFoundHandler((request, reply) => {
    // Not one of the port's codes: it must not look like a refusal of the node.
    const detail = `there is no ${request.method} ${request.url}`;
    return send(reply, { title: 'not found', status: 404, code: 'not_found', detail });
  });
  server.setErrorHandler((error: FastifyError, _request, reply) => {
    if (error instanceof ConnectionCut) {
      reply.hijack();
      reply.raw.destroy();
      return;
    }
    const problem = toProblem(error);
    if (problem.status === 500) logger.error({ err: error }, 'the simulated node failed');
    return send(reply, problem);
  });
}

function toProblem(error: FastifyError | LightningError): Omit<Problem, 'type'> {
  if (error instanceof LightningError) {
    const { kind, code, alarm, message: detail } = error;
    return { title: TITLES[kind], status: statusOf(error), code: alarm ?? code, detail };
  }
  // From the framework: a body that cannot be parsed or does not match the schema.
  if (error.statusCode !== undefined && error.statusCode < 500) {
    const { statusCode: status, message: detail } = error;
    return { title: TITLES.refused, status, code: 'bad_request', detail };
  }
  const detail = 'the outcome of the request is not known';
  return { title: TITLES.unknown, status: 500, code: 'unknown', detail };
}

const TITLES: Record<LightningErrorKind, string> = {
  refused: 'refused',
  unavailable: 'not available',
  unknown: 'unknown outcome',
};

function statusOf({ kind, code }: LightningError): number {
  if (code === 'unknown' || code === 'unavailable') return kind === 'unavailable' ? 503 : 500;
  return STATUS[code] ?? CONFLICT;
}

function send(reply: FastifyReply, problem: Omit<Problem, 'type'>): FastifyReply {
  return reply
    .code(problem.status)
    .type('application/problem+json')
    .serializer(JSON.stringify)
    .send({ type: 'about:blank', ...problem });
}
