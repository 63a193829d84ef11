import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { IdempotencyKey } from '../../../engine/idempotency.js';
import { hashJson } from '../../../engine/canonical-json.js';
import { Refusal } from '../../../domain/refusal.js';

/** Empty unless the request is a POST with an Idempotency-Key. */
interface Idempotency {
  readonly idempotencyKey?: IdempotencyKey;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Spread into the request to the engine. */
    idempotency: Idempotency;
  }
}

const KEY = /^[\x21-\x7e]{1,255}$/;
const CLIENT_SECRET = /^[\x21-\x7e]{16,255}$/;

/** Reads Idempotency-Key before validation: bodies are compared as they were sent. */
export function readIdempotencyKeys(app: FastifyInstance): void {
  app.decorateRequest('idempotency');
  app.addHook('preValidation', (request, _reply, done) => {
    request.idempotency = idempotencyOf(request);
    done();
  });
}

/** Gives the status for the reply: 200 with `Idempotency-Replayed: true` for a replay, else `first`. */
export function answerStatus<S extends number>(
  reply: FastifyReply,
  replayed: boolean,
  first: S,
): S | 200 {
  if (!replayed) return first;
  void reply.header('idempotency-replayed', 'true');
  return 200;
}

function idempotencyOf(request: FastifyRequest): Idempotency {
  const key = request.headers['idempotency-key'];
  if (request.method !== 'POST' || key === undefined) return {};
  if (typeof key !== 'string' || !KEY.test(key)) {
    throw new Refusal('idempotency.invalid_key', 'a key is 1 to 255 visible ASCII characters');
  }
  return { idempotencyKey: { key, scope: scopeOf(request), bodyHash: bodyHashOf(request) } };
}

/** Keys belong to the account, or without a token to the client secret. */
function scopeOf(request: FastifyRequest): Buffer {
  if (request.caller.kind === 'account') return sha256(`account/${request.caller.id}`);
  const secret = request.headers['quittance-client-secret'];
  if (typeof secret === 'string' && CLIENT_SECRET.test(secret)) return sha256(`client/${secret}`);
  throw new Refusal(
    'idempotency.secret_required',
    'without a token, send Quittance-Client-Secret: 16 to 255 visible ASCII characters',
  );
}

function bodyHashOf({ method, routeOptions, params, body }: FastifyRequest): Buffer {
  return hashJson([method, routeOptions.url, params, body]);
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
