import { NoAnswerError, QuittanceError } from './errors.js';
import { type Guard, isProblem } from './guards.js';
import { pause } from './pause.js';
import { randomId } from './random-id.js';

export interface TransportOptions {
  /** Like http://127.0.0.1:8420. */
  readonly baseUrl: string;
  /** Without one, calls are anonymous. */
  readonly token?: string;
  /** Owns the idempotency keys of anonymous calls: 16 to 255 visible ASCII characters; random when left out. */
  readonly clientSecret?: string;
  /** Limit of one try; default 30 s. */
  readonly timeoutMs?: number;
  /** How often a call is repeated that got no answer or 503; default 3. */
  readonly retries?: number;
}

export interface CallOptions {
  /** Random when left out. Give your own to repeat a call safely after a restart of your process. */
  readonly idempotencyKey?: string;
  /** Gives access to an action that was opened without a token. */
  readonly capability?: string;
  readonly signal?: AbortSignal;
}

export interface Call<T> extends CallOptions {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
  /** In place of a JSON body. */
  readonly bytes?: Uint8Array<ArrayBuffer>;
  readonly answer: Guard<T>;
}

export interface Answer<T> {
  readonly value: T;
  readonly status: number;
  /** Whether the same request had been carried out before. */
  readonly replayed: boolean;
}

const TIMEOUT_MS = 30_000;
const RETRIES = 3;
const FIRST_PAUSE_MS = 200;
/** Keeps the last pause short however many retries there are. */
const LONGEST_PAUSE_MS = 2_000;

/** Sends calls and repeats them when there was no answer: every POST has an idempotency key, the same on every try. */
export class Transport {
  readonly #options: TransportOptions;
  readonly #clientSecret: string;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#clientSecret = options.clientSecret ?? randomId();
  }

  /** What is answered to a GET. Throws as {@link call}. */
  get<T>(
    path: string,
    answer: Guard<T>,
    options: CallOptions,
    query: Readonly<Record<string, string | number | undefined>> = {},
  ): Promise<T> {
    return this.value({ ...options, method: 'GET', path, query, answer });
  }

  /** What is answered to a POST. Throws as {@link call}. */
  post<T>(path: string, body: unknown, answer: Guard<T>, options: CallOptions): Promise<T> {
    return this.value({ ...options, method: 'POST', path, body, answer });
  }

  /** What is answered to a PUT. Throws as {@link call}. */
  put<T>(path: string, body: unknown, answer: Guard<T>, options: CallOptions): Promise<T> {
    return this.value({ ...options, method: 'PUT', path, body, answer });
  }

  /** What is answered. Throws as {@link call}. */
  async value<T>(call: Call<T>): Promise<T> {
    return (await this.call(call)).value;
  }

  /** Throws QuittanceError when refused, NoAnswerError when no try was answered. */
  async call<T>(call: Call<T>): Promise<Answer<T>> {
    const headers = this.#headers(call);
    const { retries = RETRIES } = this.#options;
    for (let retry = 0; ; retry += 1) {
      try {
        return await this.#once(call, headers);
      } catch (error) {
        call.signal?.throwIfAborted();
        if (retry >= retries || !mayTryAgain(error)) throw error;
        const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** retry, LONGEST_PAUSE_MS);
        await pause(pauseMs, call.signal);
      }
    }
  }

  #headers({ method, body, bytes, idempotencyKey, capability }: Call<unknown>): Headers {
    const headers = new Headers({ accept: 'application/json' });
    const { token } = this.#options;
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
    if (capability !== undefined) headers.set('quittance-capability', capability);
    if (method === 'GET') return headers;
    if (body !== undefined) headers.set('content-type', 'application/json');
    if (bytes !== undefined) headers.set('content-type', 'application/octet-stream');
    // A PUT may be repeated as it is.
    if (method === 'PUT') return headers;
    headers.set('idempotency-key', idempotencyKey ?? randomId());
    if (token === undefined) headers.set('quittance-client-secret', this.#clientSecret);
    return headers;
  }

  async #once<T>(
    { method, path, query, body, bytes, answer, signal }: Call<T>,
    headers: Headers,
  ): Promise<Answer<T>> {
    const url = new URL(path, this.#options.baseUrl);
    for (const [name, value] of Object.entries(query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const timeout = AbortSignal.timeout(this.#options.timeoutMs ?? TIMEOUT_MS);
    const request: RequestInit = {
      method,
      headers,
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(bytes === undefined ? {} : { body: bytes }),
    };
    const { response, text } = await send(url, request);
    if (!response.ok) throw refusalOf(response, text);
    const replayed = response.headers.get('idempotency-replayed') === 'true';
    return { value: parse(answer, text), status: response.status, replayed };
  }
}

async function send(url: URL, request: RequestInit): Promise<{ response: Response; text: string }> {
  try {
    const response = await fetch(url, request);
    return { response, text: await response.text() };
  } catch (cause) {
    throw new NoAnswerError(`${request.method ?? 'GET'} ${url.pathname}: no answer`, { cause });
  }
}

function refusalOf(response: Response, text: string): Error {
  const problem = jsonOf(text);
  if (isProblem(problem)) return new QuittanceError(problem);
  return new NoAnswerError(`${response.url} answered ${response.status} without problem details`);
}

function parse<T>(isAnswer: Guard<T>, text: string): T {
  const value = jsonOf(text);
  if (isAnswer(value)) return value;
  throw new NoAnswerError('the answer is not as expected: is this address that of Quittance?');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function mayTryAgain(error: unknown): boolean {
  return error instanceof QuittanceError ? error.status === 503 : error instanceof NoAnswerError;
}
