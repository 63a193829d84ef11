import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { IdempotencyKey } from '../../../engine/idempotency.js';
import { hashJson } from '../../../engine/canonical-json.js';
import { Refusal } from '../../../domain/refusal.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Of a POST with an Idempotency-Key. */
    claim: { readonly claim?: IdempotencyKey };
  }
}

const KEY = /^[\x21-\x7e]{1,255}$/;
const CLIENT_SECRET = /^[\x21-\x7e]{16,255}$/;

/** Reads Idempotency-Key before validation: what was asked is compared as it was sent. */
export function readIdempotencyKeys(app: FastifyInstance): void {
  app.decorateRequest('claim');
  app.addHook('preValidation', (request, _reply, done) => {
    request.claim = keyOfRequest(request);
    done();
  });
}

function keyOfRequest(request: FastifyRequest): { readonly claim?: IdempotencyKey } {
  const key = request.headers['idempotency-key'];
  if (request.method !== 'POST' || key === undefined) return {};
  if (typeof key !== 'string' || !KEY.test(key)) {
    throw new Refusal('idempotency.invalid_key', 'a key is 1 to 255 visible ASCII characters');
  }
  return { claim: { key, scope: scopeOf(request), bodyHash: bodyHashOf(request) } };
}

/** Keys belong to an account, or to whoever knows the secret. */
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
