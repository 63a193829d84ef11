import { isNostrEvent, type NostrEvent } from './event.js';

/** What of a WebSocket is used: that of browsers, of Node from 22 on, and of the package ws. */
export interface Socket {
  onopen: ((event: never) => void) | null;
  /** Its event has `data`. */
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(text: string): void;
  close(): void;
  /** Of the package ws: ends it without waiting for the other side. */
  terminate?(): void;
}

export type SocketClass = new (url: string) => Socket;

export type Filter = Readonly<Record<string, readonly (string | number)[] | number>>;

type Message = readonly unknown[];

/** One connection to a relay (NIP-01), for a few questions. All that waits rejects when it ends, or when the signal is aborted. */
export class Relay {
  readonly opened: Promise<undefined>;
  readonly #socket: Socket;
  readonly #waiting = new Set<(error: Error) => void>();
  readonly #listeners = new Set<(message: Message) => void>();
  readonly #tooLate = (): void => this.#end(new Error('no answer in time'));
  #ended: Error | undefined;
  #subscriptions = 0;

  constructor(
    url: string,
    WebSocket: SocketClass,
    private readonly signal: AbortSignal,
  ) {
    this.#socket = new WebSocket(url);
    this.opened = this.#until<undefined>(
      (resolve) => (this.#socket.onopen = () => resolve(undefined)),
    );
    const failed = (): void => this.#end(new Error(`relay ${url}: the connection failed`));
    this.#socket.onclose = failed;
    this.#socket.onerror = failed;
    this.#socket.onmessage = ({ data }: { readonly data: unknown }) => {
      const message = listOf(String(data));
      for (const listener of this.#listeners) listener(message);
    };
    signal.addEventListener('abort', this.#tooLate, { once: true });
    if (signal.aborted) this.#tooLate();
  }

  /** The first event that is accepted. Undefined when the relay has sent all that it stores, where `stored` is asked for. */
  first(
    filter: Filter,
    accept: (event: NostrEvent) => boolean,
    { stored = false }: { readonly stored?: boolean } = {},
  ): Promise<NostrEvent | undefined> {
    this.#subscriptions += 1;
    const id = `q${this.#subscriptions}`;
    const found = this.#until<NostrEvent | undefined>((resolve, reject) =>
      this.#listeners.add(([what, about, value]) => {
        if (about !== id) return;
        if (what === 'EVENT' && isNostrEvent(value) && accept(value)) resolve(value);
        if (what === 'EOSE' && stored) resolve(undefined);
        if (what === 'CLOSED') reject(new Error(`the relay refuses: ${String(value)}`));
      }),
    );
    this.#socket.send(JSON.stringify(['REQ', id, filter]));
    return found;
  }

  /** Resolves when the relay has taken it; with why it has not, where it says so. */
  publish(event: NostrEvent): Promise<string | undefined> {
    const answered = this.#until<string | undefined>((resolve) =>
      this.#listeners.add(([what, id, taken, reason]) => {
        if (what === 'OK' && id === event.id) resolve(taken === true ? undefined : String(reason));
      }),
    );
    this.#socket.send(JSON.stringify(['EVENT', event]));
    return answered;
  }

  close(): void {
    this.#end(new Error('the connection was closed'));
  }

  #end(why: Error): void {
    if (this.#ended !== undefined) return;
    this.#ended = why;
    this.signal.removeEventListener('abort', this.#tooLate);
    for (const reject of this.#waiting) reject(why);
    if (this.#socket.terminate === undefined) this.#socket.close();
    else this.#socket.terminate();
  }

  #until<T>(
    wait: (resolve: (value: T) => void, reject: (error: Error) => void) => unknown,
  ): Promise<T> {
    const waiting = new Promise<T>((resolve, reject) => {
      if (this.#ended !== undefined) reject(this.#ended);
      this.#waiting.add(reject);
      wait(resolve, reject);
    });
    // Who waits for something else first is told by that.
    waiting.catch(() => undefined);
    return waiting;
  }
}

function listOf(text: string): Message {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
