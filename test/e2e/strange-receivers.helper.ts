import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';

/** A receiver of webhooks that behaves in its own way. It knows what came by the ids of the messages. */
export interface StrangeReceiver {
  readonly url: string;
  /** The ids of all that came, in order, also of what was not answered as wanted. */
  readonly ids: string[];
  /** Paths that were asked for. */
  readonly paths: Set<string>;
  stop(): Promise<void>;
}

type Behaviour = (response: ServerResponse, came: number, request: IncomingMessage) => void;

/** Longer than it takes to be one of the two that are under way at once. */
const SLOW_MS = 300;

/** What receivers do, by name. */
export const BEHAVIOURS: Readonly<Record<string, Behaviour>> = {
  good: (response) => void response.end(),
  slow: (response) => {
    setTimeout(() => response.end(), SLOW_MS);
  },
  // Away for each message at first: the connection is cut.
  away: (response, came) => {
    if (came === 1) response.destroy();
    else response.end();
  },
  // Says no to what it has taken, so that it comes again.
  replaying: (response, came) => void response.writeHead(came < 3 ? 503 : 200).end(),
  redirecting: (response, _came, { headers }) =>
    void response.writeHead(307, { location: `http://${headers.host ?? ''}/private` }).end(),
  // Its answer has no end.
  hostile: (response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write('x'.repeat(0x10000)), 5);
    response.on('close', () => clearInterval(timer));
  },
};

export async function startStrange(behave: Behaviour): Promise<StrangeReceiver> {
  const ids: string[] = [];
  const paths = new Set<string>();
  const server = createServer((request, response) => {
    const id = String(request.headers['webhook-id']);
    paths.add(request.url ?? '');
    response.on('error', () => undefined);
    buffer(request).then(
      () => {
        ids.push(id);
        behave(response, ids.filter((one) => one === id).length, request);
      },
      // The sender was killed before it had sent everything.
      () => undefined,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}/hook`,
    ids,
    paths,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
