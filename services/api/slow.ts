import type { FastifyHttpOptions, RawServerDefault } from 'fastify';

/** How long a request may take to arrive, in milliseconds from its first byte on. */
export interface SlowestRequest {
  readonly headersMs: number;
  /** Head and body. */
  readonly requestMs: number;
}

const DEFAULT_SLOWEST: SlowestRequest = { headersMs: 20_000, requestMs: 120_000 };

/** Node looks at open requests this often, so that they are cut up to this much later. */
const LONGEST_CHECK_MS = 5_000;

/** Options by which slower requests are answered with 408 and their connections closed. */
export function timeLimits({ headersMs, requestMs }: SlowestRequest = DEFAULT_SLOWEST): Pick<
  FastifyHttpOptions<RawServerDefault>,
  'requestTimeout' | 'http'
> {
  const connectionsCheckingInterval = Math.min(LONGEST_CHECK_MS, headersMs / 2);
  return {
    requestTimeout: requestMs,
    http: { headersTimeout: headersMs, connectionsCheckingInterval },
  };
}
