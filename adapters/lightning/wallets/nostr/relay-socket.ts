import { WebSocket } from 'ws';
import { z } from 'zod';
import { publicLookup } from '../public-https.js';
import { eventSchema, type NostrEvent } from './event.js';

const MAX_BYTES = 64 * 1024;

/** What a relay says (NIP-01). */
const relayMessage = z.union([
  z.tuple([z.literal('EVENT'), z.string(), eventSchema]),
  z.tuple([z.literal('EOSE'), z.string()]),
  z.tuple([z.literal('OK'), z.string(), z.boolean(), z.string()]),
  z.tuple([z.literal('CLOSED'), z.string(), z.string()]),
]);

export interface Filter {
  readonly kinds: readonly number[];
  readonly authors: readonly string[];
  readonly '#p'?: readonly string[];
  readonly '#e'?: readonly string[];
  readonly limit?: number;
}

export type OpenSocket = (url: URL) => WebSocket;

/** Only of public addresses, over TLS, without redirects. */
export const openPublicSocket: OpenSocket = (url) => {
  if (url.protocol !== 'wss:') throw new Error('only wss relays are asked');
  return new WebSocket(url, {
    ...{ lookup: publicLookup, followRedirects: false, maxPayload: MAX_BYTES },
  });
};

/** For development only. */
export const openAnySocket: OpenSocket = (url) => new WebSocket(url, { maxPayload: MAX_BYTES });

/** A connection to a relay, for a few questions; everything ends with the signal. */
export class RelaySocket {
  #subscriptions = 0;

  private constructor(
    private readonly socket: WebSocket,
    private readonly signal: AbortSignal,
  ) {}

  static async open(url: URL, open: OpenSocket, signal: AbortSignal): Promise<RelaySocket> {
    const socket = open(url);
    const relay = new RelaySocket(socket, signal);
    await relay.#until((resolve) => socket.once('open', () => resolve(undefined)));
    return relay;
  }

  close(): void {
    this.socket.terminate();
  }

  /** The first event that is accepted; undefined when the relay has sent all that it stores, where `stored` is asked for. */
  first(
    filter: Filter,
    accept: (event: NostrEvent) => boolean,
    { stored = false }: { readonly stored?: boolean } = {},
  ): Promise<NostrEvent | undefined> {
    this.#subscriptions += 1;
    const id = `q${this.#subscriptions}`;
    this.#send(['REQ', id, filter]);
    return this.#until<NostrEvent | undefined>((resolve, reject) =>
      this.#listen((message) => {
        if (message[1] !== id) return;
        if (message[0] === 'EVENT' && accept(message[2])) resolve(message[2]);
        if (message[0] === 'EOSE' && stored) resolve(undefined);
        if (message[0] === 'CLOSED') reject(new Error(`the relay refuses: ${message[2]}`));
      }),
    );
  }

  /** Rejects when the relay refuses it. */
  publish(event: NostrEvent): Promise<undefined> {
    this.#send(['EVENT', event]);
    return this.#until<undefined>((resolve, reject) =>
      this.#listen((message) => {
        if (message[0] !== 'OK' || message[1] !== event.id) return;
        if (message[2]) resolve(undefined);
        else reject(new Error(`the relay refuses: ${message[3]}`));
      }),
    );
  }

  #send(message: readonly unknown[]): void {
    this.socket.send(JSON.stringify(message));
  }

  #listen(onMessage: (message: z.output<typeof relayMessage>) => void): () => void {
    const listen = (data: unknown): void => {
      const read = relayMessage.safeParse(jsonOf(String(data)));
      if (read.success) onMessage(read.data);
    };
    this.socket.on('message', listen);
    return () => this.socket.off('message', listen);
  }

  /** Rejects when the connection ends, or the signal is aborted. */
  #until<T>(
    wait: (resolve: (value: T) => void, reject: (error: Error) => void) => unknown,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const failed = (error: unknown): void =>
        reject(error instanceof Error ? error : new Error('the relay has closed the connection'));
      const tooLate = (): void => reject(new Error('no answer in time'));
      if (this.signal.aborted) tooLate();
      this.signal.addEventListener('abort', tooLate, { once: true });
      this.socket.once('error', failed).once('close', failed);
      wait(resolve, reject);
    });
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
