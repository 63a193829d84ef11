import { Agent, get } from 'node:http';

/** An event stream of the page of a payment, as a browser holds it. */
export interface OpenStream {
  readonly hash: string;
  /** When its latest event came, by performance.now(); undefined before the first. */
  readonly lastAt: () => number | undefined;
  readonly events: () => number;
  /** Resolves when the server has ended it. */
  readonly ended: Promise<void>;
  close(): void;
}

/** Resolves when the first event, today's state, has come. */
export function openStream(apiUrl: string, hash: string): Promise<OpenStream> {
  const agent = new Agent({ keepAlive: false });
  let lastAt: number | undefined;
  let events = 0;
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  return new Promise((resolve, reject) => {
    const request = get(new URL(`/pay/${hash}/events`, apiUrl), { agent }, (response) => {
      if (response.statusCode !== 200) {
        reject(new Error(`a stream is answered ${response.statusCode ?? 0}`));
        response.destroy();
        return;
      }
      response.setEncoding('utf8').on('data', (chunk: string) => {
        const found = chunk.split('\n').filter((line) => line.startsWith('data:')).length;
        if (found === 0) return;
        events += found;
        lastAt = performance.now();
        const close = (): void => void request.destroy();
        resolve({ hash, lastAt: () => lastAt, events: () => events, ended, close });
      });
      response.on('end', end).on('error', () => undefined);
    });
    request.on('error', reject);
  });
}
