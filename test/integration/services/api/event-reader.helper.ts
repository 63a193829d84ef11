import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { once } from 'node:events';

/** A client of a stream of states. */
export class EventReader {
  readonly states: unknown[] = [];
  #text = '';
  ended = false;

  private constructor(
    readonly call: ClientRequest,
    readonly response: IncomingMessage,
  ) {
    response.setEncoding('utf8').on('data', (chunk: string) => this.#read(chunk));
    response.on('close', () => (this.ended = true)).on('error', () => undefined);
  }

  /** `paused`: it does not read. */
  static async open(
    url: string,
    headers: Readonly<Record<string, string>> = {},
    paused = false,
  ): Promise<EventReader> {
    const call = request(url, { headers, agent: false });
    call.on('error', () => undefined).end();
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    if (response.statusCode !== 200) {
      call.destroy();
      throw new Error(`status ${response.statusCode ?? 0}`);
    }
    const reader = new EventReader(call, response);
    if (paused) response.pause();
    return reader;
  }

  get newest(): unknown {
    return this.states.at(-1);
  }

  close(): void {
    this.call.destroy();
  }

  #read(chunk: string): void {
    this.#text += chunk;
    const events = this.#text.split('\n\n');
    this.#text = events.pop() ?? '';
    for (const event of events) {
      const data = /^event: state\ndata: (.*)$/m.exec(event)?.[1];
      if (data !== undefined) this.states.push(JSON.parse(data));
    }
  }
}
