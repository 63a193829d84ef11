import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** Which pages of other origins may call, and read the answers. */
export interface CorsPolicy {
  /** Origins, or `*` for all. */
  readonly origins: readonly string[];
  readonly methods: readonly string[];
  /** Headers that a page may send. */
  readonly headers: readonly string[];
  /** Headers that a page may read. */
  readonly exposed: readonly string[];
}

/** The peers' front lets every page call. */
export const PEERS_CORS: CorsPolicy = {
  origins: ['*'],
  methods: ['GET', 'POST', 'OPTIONS', 'DELETE'],
  headers: ['Content-Type', 'X-Auth-Token', 'Range', 'X-Requested-With'],
  exposed: ['Content-Length', 'Content-Range'],
};

export const NO_CORS: CorsPolicy = { origins: [], methods: [], headers: [], exposed: [] };

/** /v1: a token is sent as a header, never as a cookie, so no credentials. */
export function ownCors(origins: readonly string[]): CorsPolicy {
  return {
    origins,
    methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    headers: [
      'Authorization',
      'Content-Type',
      'Idempotency-Key',
      'Quittance-Capability',
      'Quittance-Client-Secret',
      'X-Request-Id',
    ],
    exposed: ['Idempotency-Replayed', 'Location', 'Retry-After', 'X-Request-Id'],
  };
}

/** Headers on every answer, refusals too. Preflights of /v1 and of addresses that do not exist are answered here. */
export function allowOrigins(app: FastifyInstance, policyOf: (path: string) => CorsPolicy): void {
  app.addHook('onRequest', async (request, reply) => {
    const { origin } = request.headers;
    if (origin === undefined) return undefined;
    const policy = policyOf(request.url);
    const allowed = allowedOrigin(policy, origin);
    if (!policy.origins.includes('*')) void reply.header('vary', 'Origin');
    if (allowed === undefined) return undefined;
    void reply.headers({
      'access-control-allow-origin': allowed,
      'access-control-expose-headers': policy.exposed.join(', '),
    });
    return isPreflight(request) ? answerPreflight(reply, policy) : undefined;
  });
}

function allowedOrigin({ origins }: CorsPolicy, origin: string): string | undefined {
  if (origins.includes('*')) return '*';
  return origins.includes(origin) ? origin : undefined;
}

function isPreflight({ method, headers }: FastifyRequest): boolean {
  return method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;
}

const PREFLIGHT_SECONDS = 600;

function answerPreflight(reply: FastifyReply, policy: CorsPolicy): FastifyReply {
  return reply
    .headers({
      'access-control-allow-methods': policy.methods.join(', '),
      'access-control-allow-headers': policy.headers.join(', '),
      'access-control-max-age': PREFLIGHT_SECONDS,
    })
    .send();
}
