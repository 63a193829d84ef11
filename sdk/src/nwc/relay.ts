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
}

export type SocketClass = new (url: string) => Socket;

export type Filter = Readonly<Record<string, readonly (string | number)[] | number>>;

/** One connection to a relay. */
export class Relay {
  readonly #socket: Socket;
  readonly #opened: Promise<void>;
  readonly #handlers = new Map<string, (event: NostrEvent | 'end') => void>();
  readonly #published = new Map<string, (refusal: string | undefined) => void>();
  #subscriptions = 0;

  constructor(url: string, WebSocket: SocketClass) {
    this.#socket = new WebSocket(url);
    this.#opened = new Promise((resolve, reject) => {
      const fail = (): void => reject(new Error(`relay ${url}: the connection failed`));
      this.#socket.onopen = () => resolve();
      this.#socket.onclose = fail;
      this.#socket.onerror = fail;
    });
    this.#opened.catch(() => undefined);
    this.#socket.onmessage = ({ data }: { readonly data: unknown }) => this.#receive(String(data));
  }

  get opened(): Promise<void> {
    return this.#opened;
  }

  /** Events that match, also those that are stored; `end` once all of these were sent. */
  async subscribe(filter: Filter, onEvent: (event: NostrEvent | 'end') => void): Promise<void> {
    await this.#opened;
    this.#subscriptions += 1;
    const id = `q${this.#subscriptions}`;
    this.#handlers.set(id, onEvent);
    this.#socket.send(JSON.stringify(['REQ', id, filter]));
  }

  /** Resolves when the relay has taken it; with why it has not, where it says so. */
  async publish(event: NostrEvent): Promise<string | undefined> {
    await this.#opened;
    const answered = new Promise<string | undefined>((resolve) =>
      this.#published.set(event.id, resolve),
    );
    this.#socket.send(JSON.stringify(['EVENT', event]));
    return answered;
  }

  close(): void {
    this.#socket.onclose = null;
    this.#socket.close();
  }

  #receive(text: string): void {
    const [what, id, value, reason] = listOf(text);
    if (typeof id !== 'string') return;
    if (what === 'EVENT' && isNostrEvent(value)) this.#handlers.get(id)?.(value);
    if (what === 'EOSE') this.#handlers.get(id)?.('end');
    if (what === 'OK') this.#published.get(id)?.(value === true ? undefined : String(reason));
  }
}

function listOf(text: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
