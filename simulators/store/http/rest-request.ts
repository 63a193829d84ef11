import type { IncomingHttpHeaders } from 'node:http';

/** A call of the REST API, in whichever form of address it came. */
export interface RestRequest {
  readonly method: string;
  /** As the caller wrote it, without the query. */
  readonly address: string;
  /** Behind the version, as in `/orders/205`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}
