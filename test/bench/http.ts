import { Agent, request } from 'node:http';

/** Cheaper than fetch: callers run on the same cores as the processes that are measured. */
const agent = new Agent({ keepAlive: true, maxSockets: 128 });

export interface Post {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Resolves with the body of the response. Rejects unless the status is below 300. */
export function post(url: URL, { body, headers }: Post): Promise<string> {
  const length = { 'content-length': String(Buffer.byteLength(body)) };
  return send(url, 'POST', { body, headers: { ...headers, ...length } });
}

/** As {@link post}. */
export function get(url: URL, headers: Post['headers'] = {}): Promise<string> {
  return send(url, 'GET', { body: '', headers });
}

function send(url: URL, method: 'GET' | 'POST', { body, headers }: Post): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = request(url, { method, agent, headers });
    call.once('error', reject);
    call.once('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () => {
        const text = Buffer.concat(chunks).toString();
        const { statusCode = 0 } = response;
        if (statusCode < 300) resolve(text);
        else reject(new Error(`${url.pathname}: ${statusCode} ${text}`));
      });
    });
    call.end(body);
  });
}

export function closeConnections(): void {
  agent.destroy();
}
