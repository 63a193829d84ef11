import { problemAnswer } from '@quittance/sdk/answers';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { isDatabaseUnavailable, isRefusedInput } from '../../db/errors.js';
import { type FieldError, Refusal, REFUSAL_CODES, type RefusalCode } from '../../domain/refusal.js';
import { shownText } from '../../domain/storable.js';

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** The client's schema of a problem, with every code that this version may answer. */
export const problemSchema = problemAnswer
  .extend({ code: z.string().meta({ enum: REFUSAL_CODES }) })
  .meta({ id: 'Problem' });

type Problem = z.output<typeof problemSchema> & { readonly code: RefusalCode };

const RETRY_AFTER_SECONDS = 2;
/** How soon to try again what maintenance mode refuses. */
export const MAINTENANCE_SECONDS = 30;

export function problemOf(refusal: Refusal, requestId: string): Problem {
  const { code, title, status, detail, errors } = refusal;
  const type = `urn:quittance:problem:${code}`;
  return {
    ...{ type, code, title, status, detail: shownText(detail), instance: requestId },
    errors: errors.map(({ path, message }) => ({
      path: shownText(path),
      message: shownText(message),
    })),
  };
}

export function sendProblem(
  refusal: Refusal,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  if (refusal.status === 401) void reply.header('www-authenticate', 'Bearer realm="quittance"');
  const maintenance = refusal.code === 'service.maintenance';
  const { retryAfterSeconds } = refusal;
  if (retryAfterSeconds !== undefined) void reply.header('retry-after', retryAfterSeconds);
  else setRetryAfter(reply, refusal.status, maintenance ? MAINTENANCE_SECONDS : undefined);
  // Set here too, since hooks do not run before routing.
  void reply.header('x-request-id', request.id);
  // As text: the route's schemas describe its other answers, not problems.
  return reply
    .code(refusal.status)
    .type(PROBLEM_TYPE)
    .send(JSON.stringify(problemOf(refusal, request.id)));
}

export function setRetryAfter(
  reply: FastifyReply,
  status: number,
  seconds = RETRY_AFTER_SECONDS,
): void {
  if (status === 503 || status === 429) void reply.header('retry-after', seconds);
}

/** The status of an error where a peer's API is answered, which has no problem codes. */
export function statusOf(error: Error & { readonly statusCode?: number }): number {
  if (error.statusCode !== undefined) return error.statusCode;
  if (isRefusedInput(error)) return 400;
  return isDatabaseUnavailable(error) ? 503 : 500;
}

/** The refusal that an error is to the caller. It reveals nothing internal. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (hasZodFastifySchemaValidationErrors(error)) return invalid(error.validation);
  // An error that has a status is of the request: when its client goes away, it has the code of a lost connection.
  if (!isFastifyError(error) && isDatabaseUnavailable(error)) {
    return new Refusal('service.unavailable', 'the database does not answer; try again later');
  }
  if (isRefusedInput(error)) {
    return new Refusal('request.invalid', 'a value cannot be stored: it is out of range or taken');
  }
  if (isFastifyError(error)) {
    const code = REFUSAL_OF[error.code];
    if (code !== undefined) return new Refusal(code, error.message);
    const status = error.statusCode ?? 500;
    if (status >= 400 && status < 500) return new Refusal('request.malformed', error.message);
  }
  return new Refusal('service.failed', 'an internal error occurred; it was logged');
}

function isFastifyError(error: unknown): error is FastifyError {
  return error instanceof Error && 'statusCode' in error && 'code' in error;
}

const REFUSAL_OF: Readonly<Record<string, RefusalCode>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'request.unsupported_media_type',
  FST_ERR_CTP_BODY_TOO_LARGE: 'request.too_large',
};

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
