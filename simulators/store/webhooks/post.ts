import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly timeoutMs: number;
}

export type PostOutcome =
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'error'; readonly error: string };

/** One connection per request, as with HTTP/1.0; no redirects, no cookies. Never rejects. */
export function post({ url, headers, body, timeoutMs }: Post): Promise<PostOutcome> {
  const target = new URL(url);
  const send = target.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve) => {
    const failed = (error: Error): void => resolve({ kind: 'error', error: error.message });
    const outgoing = send(
      target,
      {
        method: 'POST',
        agent: false,
        signal: AbortSignal.timeout(timeoutMs),
        headers: {
          'User-Agent': 'WooCommerce/9.8.3 Hookshot (WordPress/6.8.1)',
          Accept: '*/*',
          'Accept-Encoding': 'deflate, gzip',
          ...headers,
          Connection: 'close',
          'Content-Length': Buffer.byteLength(body),
        },
      },
      (answer) => {
        answer.on('error', failed);
        // The call blocks until the whole answer has come.
        answer.on('end', () => resolve({ kind: 'status', status: answer.statusCode ?? 0 }));
        answer.resume();
      },
    );
    outgoing.on('error', failed);
    outgoing.end(body);
  });
}

const SAFE_PORTS = new Set(['', '80', '443', '8080']);
const PRIVATE =
  /^(?:localhost|\[|0\.|10\.|127\.|169\.254\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)/;

/** What WordPress accepts as the address of a request to the outside. */
export function isSafe(url: string): boolean {
  const { hostname, port } = new URL(url);
  return SAFE_PORTS.has(port) && !PRIVATE.test(hostname);
}
