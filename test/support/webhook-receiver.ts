import { createServer, type IncomingHttpHeaders } from 'node:http';
import { buffer } from 'node:stream/consumers';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

export interface WebhookReceiver {
  readonly url: string;
  readonly received: Received[];
  /** Answers of the requests that follow; the last one stays. Undefined: no answer at all. */
  answer(...statuses: readonly (number | undefined)[]): void;
  /** Forgets what was received, and answers 200 again. */
  reset(): void;
  stop(): Promise<void>;
}

/** An HTTP server that keeps what it is sent. */
export async function startReceiver(): Promise<WebhookReceiver> {
  const received: Received[] = [];
  let statuses: (number | undefined)[] = [200];
  const server = createServer((request, response) => {
    const { method = '', url = '', headers, rawHeaders } = request;
    void buffer(request).then((body) => {
      received.push({ method, path: url, headers, rawHeaders, body: body.toString() });
      const status = statuses.length > 1 ? statuses.shift() : statuses[0];
      if (status === undefined) return;
      response.writeHead(status, status < 400 && status >= 300 ? { location: '/elsewhere' } : {});
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    answer: (...next) => void (statuses = [...next]),
    reset: () => {
      received.length = 0;
      statuses = [200];
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
