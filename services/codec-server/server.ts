import type { Payload, PayloadCodec } from '@temporalio/common';
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { Pool } from 'pg';
import { Refusal } from '../../domain/refusal.js';
import { shownText } from '../../domain/storable.js';
import { audit } from '../../engine/audit.js';
import { BadTokens } from '../shared/bad-tokens.js';
import { refusalOf, sendProblem } from '../shared/problem.js';
import type { Issuer } from './issuer.js';
import { type Reader, readerOf } from './reader.js';
import { fromWire, payloadsSchema, toWire, type WirePayload } from './wire.js';

export interface CodecServerParts {
  readonly pool: Pool;
  readonly codec: Pick<PayloadCodec, 'decode'>;
  readonly issuer: Issuer | undefined;
  /** Of Temporal's UI. */
  readonly origins: readonly string[];
  readonly badTokensPerMinute: number;
  readonly trustedProxies: readonly string[];
  readonly logger: FastifyBaseLogger;
}

/** Bytes: a page of a long history is some hundred payloads, each below Temporal's limit of 2 MiB. */
const BODY_LIMIT = 16 * 1024 * 1024;
/** Its last part alone says what is asked: a proxy may mount the server at any path. */
const DECODE = '/decode';
/** Temporal's UI and command line send the namespace in this header. */
const NAMESPACE = 'x-namespace';

/**
 * Temporal's protocol of codec servers, without encoding: `POST …/decode` with `{"payloads": […]}` answers the same decrypted. It takes
 * a token of the scope `read`, or one of the identity provider, and is audited before it is answered.
 */
export function codecServer(parts: CodecServerParts): FastifyInstance {
  const { origins, logger, trustedProxies } = parts;
  const app = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT,
    trustProxy: [...trustedProxies],
  });
  app.decorateRequest('reader', null);
  app.setErrorHandler((error, request, reply) => {
    const refusal = refusalOf(error);
    if (refusal.status >= 500) request.log.error({ err: error }, refusal.title);
    return sendProblem(refusal, request, reply);
  });
  app.setNotFoundHandler((request, reply) => sendProblem(notFound(), request, reply));
  allowPagesOf(app, origins);
  identifyReaders(app, parts);
  app.post('*', async (request, reply) => {
    const payloads = await readPayloads(request, parts);
    return reply.header('cache-control', 'no-store').send({ payloads });
  });
  return app;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Of the codec server. */
    reader: Reader | null;
  }
}

/** Before the body is read. */
function identifyReaders(app: FastifyInstance, parts: CodecServerParts): void {
  const bad = new BadTokens(parts.badTokensPerMinute);
  app.addHook('onRequest', async (request) => {
    // Addresses that do not exist need no token.
    if (request.method !== 'POST') return;
    if (!(request.url.split('?', 1)[0] ?? '').endsWith(DECODE)) throw notFound();
    bad.refuseTooMany(request.ip);
    try {
      request.reader = await readerOf(parts.pool, request.headers, parts.issuer);
    } catch (error) {
      if (error instanceof Refusal && error.code === 'auth.invalid_token') bad.count(request.ip);
      throw error;
    }
  });
}

async function readPayloads(
  { body, reader, ip, headers }: FastifyRequest,
  { pool, codec }: CodecServerParts,
): Promise<WirePayload[]> {
  if (reader === null) throw new Error('a request came by without its reader');
  const parsed = payloadsSchema.safeParse(body);
  if (!parsed.success) throw new Refusal('request.invalid', 'no payloads as Temporal sends them');
  const payloads = parsed.data.payloads.map(fromWire);
  // Decrypted first: what cannot be read was not shown to anybody. Answered only once it is in the audit.
  const decoded = await decode(codec, payloads);
  const namespace = headers[NAMESPACE];
  await noteRead(pool, reader, {
    ...{ ip, payloads: payloads.length },
    namespace: typeof namespace === 'string' ? shownText(namespace) : '',
  });
  return decoded.map(toWire);
}

function notFound(): Refusal {
  return new Refusal('request.not_found', 'ask by POST …/decode');
}

async function decode(
  codec: Pick<PayloadCodec, 'decode'>,
  payloads: Payload[],
): Promise<Payload[]> {
  try {
    return await codec.decode(payloads);
  } catch {
    throw new Refusal(
      'request.invalid',
      'a payload was not encrypted by a key of QUITTANCE_TEMPORAL_CODEC_KEYS, or was changed',
    );
  }
}

async function noteRead(
  pool: Pool,
  { id, name, role, tokenId }: Reader,
  of: { readonly ip: string; readonly namespace: string; readonly payloads: number },
): Promise<void> {
  await audit(pool, {
    ...{ actor: name, actorId: id, role, via: 'http', address: of.ip },
    ...{ act: 'decode payloads', target: of.namespace, detail: { payloads: of.payloads } },
    ...(tokenId === undefined ? {} : { token: tokenId }),
  });
}

/** Pages of other origins get no headers: the browser keeps the answer from them. Tokens are no cookies, so no credentials. */
function allowPagesOf(app: FastifyInstance, origins: readonly string[]): void {
  app.addHook('onRequest', async (request, reply) => {
    const { origin } = request.headers;
    void reply.header('vary', 'Origin');
    if (origin === undefined || !origins.includes(origin)) return undefined;
    void reply.header('access-control-allow-origin', origin);
    if (request.method !== 'OPTIONS') return undefined;
    return reply
      .headers({
        'access-control-allow-methods': 'POST',
        'access-control-allow-headers':
          'Authorization, Authorization-Extras, Content-Type, X-Namespace',
        'access-control-max-age': 600,
      })
      .code(204)
      .send();
  });
}
