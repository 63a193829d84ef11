import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { DatabaseError } from 'pg';
import { isDatabaseUnavailable } from '../../db/errors.js';
import { type FieldError, Refusal, type RefusalCode } from '../../domain/refusal.js';
import { PROBLEM_TYPE, type Problem } from './v1/wire/problem.js';

const RETRY_AFTER_SECONDS = 2;

export function problemOf(refusal: Refusal, requestId: string): Problem {
  const { code, title, status, detail, errors } = refusal;
  const type = `urn:quittance:problem:${code}`;
  return { type, code, title, status, detail, instance: requestId, errors: [...errors] };
}

export function sendProblem(
  refusal: Refusal,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  if (refusal.status === 401) void reply.header('www-authenticate', 'Bearer realm="quittance"');
  if (refusal.status === 503) void reply.header('retry-after', RETRY_AFTER_SECONDS);
  // Not left to the hook: before routing there are none.
  void reply.header('x-request-id', request.id);
  // As text: the schemas of the route are those of its answers.
  return reply
    .code(refusal.status)
    .type(PROBLEM_TYPE)
    .send(JSON.stringify(problemOf(refusal, request.id)));
}

/** The refusal that a caller sees for any error. It reveals no internals. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (hasZodFastifySchemaValidationErrors(error)) return invalid(error.validation);
  if (isDatabaseUnavailable(error)) {
    return new Refusal('service.unavailable', 'the database does not answer; try again');
  }
  if (error instanceof DatabaseError && NOT_STORABLE.has(error.code)) {
    return new Refusal('request.invalid', 'a value is out of the range that can be stored');
  }
  if (isFastifyError(error)) {
    const code = REFUSAL_OF[error.code];
    if (code !== undefined) return new Refusal(code, error.message);
    const status = error.statusCode ?? 500;
    if (status >= 400 && status < 500) return new Refusal('request.malformed', error.message);
  }
  return new Refusal('service.failed', 'an internal error; it was logged');
}

function isFastifyError(error: unknown): error is FastifyError {
  return error instanceof Error && 'statusCode' in error && 'code' in error;
}

const REFUSAL_OF: Readonly<Record<string, RefusalCode>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'request.unsupported_media_type',
  FST_ERR_CTP_BODY_TOO_LARGE: 'request.too_large',
};

/** Numbers out of range, text that is not Unicode: the schemas should have refused them before. */
const NOT_STORABLE: ReadonlySet<string | undefined> = new Set([
  '22003',
  '22008',
  '22021',
  '22P02',
  '22P05',
]);

interface Issue {
  readonly keyword: string;
  readonly instancePath: string;
  readonly message?: string;
  readonly params: Readonly<Record<string, unknown>>;
}

function invalid(issues: readonly Issue[]): Refusal {
  const errors = issues.flatMap(fieldErrorsOf);
  const detail = errors.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
  return new Refusal('request.invalid', detail.join('; '), errors);
}

function fieldErrorsOf({ keyword, instancePath, message, params }: Issue): FieldError[] {
  const path = instancePath.split('/').filter((part) => part !== '');
  const { keys } = params;
  if (keyword === 'unrecognized_keys' && Array.isArray(keys)) {
    return keys.map((key) => ({ path: [...path, String(key)].join('.'), message: 'is not known' }));
  }
  return [{ path: path.join('.'), message: message ?? 'is not valid' }];
}
