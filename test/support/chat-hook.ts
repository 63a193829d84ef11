import { createServer, type Server } from 'node:http';

export interface TestHook {
  readonly url: string;
  readonly posts: { readonly at: number; readonly text: string }[];
  /** Answers of the next posts; 200 when none is left. */
  readonly answers: { readonly status: number; readonly retryAfter?: string }[];
  close(): Promise<void>;
}

/** Takes what a chat's incoming webhook takes. */
export async function startChatHook(): Promise<TestHook> {
  const posts: TestHook['posts'] = [];
  const answers: TestHook['answers'] = [];
  const server: Server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (part: string) => (body += part));
    request.on('end', () => {
      const { status, retryAfter } = answers.shift() ?? { status: 200 };
      const read: unknown = JSON.parse(body);
      const { text } = Object(read) as { readonly text?: unknown };
      if (status === 200) posts.push({ at: performance.now(), text: String(text) });
      response.writeHead(status, retryAfter === undefined ? {} : { 'retry-after': retryAfter });
      response.end(status === 200 ? 'ok' : 'no_service');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    ...{ posts, answers, url: `http://127.0.0.1:${port}/services/T0/B0/secret` },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
