import { ChannelCredentials, Client, type ClientOptions, Metadata } from '@grpc/grpc-js';
import type { z } from 'zod';
import { LightningError } from '../port.js';
import { decodeMessage, encodeMessage, type Fields, type Method } from './codec.js';
import {
  CredentialFiles,
  type CredentialPaths,
  type Credentials,
  type CredentialSource,
} from './credentials.js';
import { errorOfLnd } from './errors.js';

interface Where {
  /** host:port. */
  readonly address: string;
  /** Of calls with one answer. */
  readonly timeoutMs: number;
}

export type LndAddress = Where & CredentialPaths;

/** With credentials that are in no file. */
interface GivenLnd extends Where {
  readonly credentials: CredentialSource;
  /** That its certificate has to name. */
  readonly serverName: string;
}

/** An answer that says more than the first one that is accepted. */
export interface Better<A> {
  readonly accept: (answer: A) => boolean;
  readonly withinMs: number;
}

const OPTIONS: ClientOptions = {
  // More often than lnd's minimum of five seconds, it would disconnect (lnd#4969).
  'grpc.keepalive_time_ms': 60_000,
  'grpc.keepalive_timeout_ms': 20_000,
  'grpc.enable_retries': 0,
  'grpc.max_receive_message_length': 64 * 1024 * 1024,
  'grpc.initial_reconnect_backoff_ms': 200,
  'grpc.min_reconnect_backoff_ms': 200,
  'grpc.max_reconnect_backoff_ms': 5_000,
};

/** A connection to lnd. Throws LightningError; nothing is retried. */
export class LndChannel {
  readonly #files: CredentialSource;
  #client: { readonly client: Client; readonly version: number } | undefined;

  constructor(protected readonly options: LndAddress | GivenLnd) {
    this.#files = 'credentials' in options ? options.credentials : new CredentialFiles(options);
  }

  async call<S extends z.ZodType>(
    method: Method<S>,
    request: Fields,
    timeoutMs = this.options.timeoutMs,
  ): Promise<z.output<S>> {
    const { client, metadata } = await this.#connected();
    return new Promise((resolve, reject) => {
      client.makeUnaryRequest<Fields, z.output<S>>(
        method.path,
        (fields) => encodeMessage(method.request, fields),
        (bytes) => decodeMessage(method, bytes),
        request,
        metadata,
        { deadline: Date.now() + timeoutMs },
        (error, answer) => {
          if (error !== null) reject(this.#failed(error));
          else if (answer === undefined) reject(LightningError.unknown('lnd: no answer'));
          else resolve(answer);
        },
      );
    });
  }

  /** Each answer, until the stream ends, fails or is aborted. An abort ends it without an error. */
  async *stream<S extends z.ZodType>(
    method: Method<S>,
    request: Fields,
    signal: AbortSignal,
  ): AsyncGenerator<z.output<S>, void, undefined> {
    const { client, metadata } = await this.#connected();
    const isOver = (): boolean => signal.aborted;
    if (isOver()) return;
    const call = client.makeServerStreamRequest<Fields, z.output<S>>(
      method.path,
      (fields) => encodeMessage(method.request, fields),
      (bytes) => decodeMessage(method, bytes),
      request,
      metadata,
      {},
    );
    const cancel = (): void => call.cancel();
    signal.addEventListener('abort', cancel, { once: true });
    // Cancelling makes it fail also when nobody reads any more.
    call.on('error', () => undefined);
    try {
      for await (const answer of call) yield answer as z.output<S>;
    } catch (error) {
      if (!isOver()) throw this.#failed(error);
    } finally {
      signal.removeEventListener('abort', cancel);
      call.cancel();
    }
  }

  /**
   * The first answer of a stream that is accepted, within the time of a call; the last one when it ends without, undefined when there was
   * none. With `better`, an answer that is better is waited for a while longer, and what was accepted is given where none comes.
   */
  async first<S extends z.ZodType>(
    method: Method<S>,
    request: Fields,
    accept: (answer: z.output<S>) => boolean = () => true,
    better?: Better<z.output<S>>,
  ): Promise<z.output<S> | undefined> {
    const late = AbortSignal.timeout(this.options.timeoutMs);
    const enough = new AbortController();
    const until = AbortSignal.any([late, enough.signal]);
    let last: z.output<S> | undefined;
    let waiting: NodeJS.Timeout | undefined;
    try {
      for await (const answer of this.stream(method, request, until)) {
        last = answer;
        if (!accept(answer)) continue;
        if (better === undefined || better.accept(answer)) break;
        waiting ??= setTimeout(() => enough.abort(), better.withinMs);
      }
    } catch (error) {
      if (waiting === undefined) throw error;
    } finally {
      clearTimeout(waiting);
    }
    if (last === undefined && late.aborted) throw LightningError.unknown('lnd: no answer in time');
    return last;
  }

  close(): void {
    this.#client?.client.close();
    this.#client = undefined;
  }

  async #connected(): Promise<{ readonly client: Client; readonly metadata: Metadata }> {
    const credentials = await this.#files.current().catch((cause: unknown) => {
      throw LightningError.unavailable("lnd's certificate or macaroon cannot be read", { cause });
    });
    const metadata = new Metadata();
    metadata.set('macaroon', credentials.macaroon);
    return { client: this.#clientFor(credentials), metadata };
  }

  #clientFor({ certificate, version }: Credentials): Client {
    if (this.#client?.version === version) return this.#client.client;
    const before = this.#client?.client;
    // Calls that are under way end on the old connection; streams are opened again.
    setTimeout(() => before?.close(), this.options.timeoutMs).unref();
    const { address } = this.options;
    const name = 'serverName' in this.options ? this.options.serverName : ownNameOf(address);
    const client = new Client(address, ChannelCredentials.createSsl(certificate ?? null), {
      ...OPTIONS,
      ...(name !== undefined && { 'grpc.ssl_target_name_override': name }),
      ...(name !== undefined && name !== 'localhost' && { 'grpc.default_authority': name }),
    });
    this.#client = { client, version };
    return client;
  }

  #failed(error: unknown): LightningError {
    const told = errorOfLnd(error);
    if (told.kind === 'unavailable') this.#files.doubt();
    return told;
  }
}

/** TLS names no address, and lnd's own certificate always names localhost. */
function ownNameOf(address: string): string | undefined {
  return /^(127\.0\.0\.1|\[::1\]):/.test(address) ? 'localhost' : undefined;
}
