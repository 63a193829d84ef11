import { z } from 'zod';
import { LightningError } from '../port.js';
import { alarmSchema, problemSchema, refusalSchema, type Problem } from './problem.js';

export interface Endpoint {
  readonly url: string;
  /** A call without an answer within this has an unknown outcome. */
  readonly timeoutMs: number;
}

export interface Call<S extends z.ZodType> {
  /** A GET without an answer is `unavailable`, as it changes nothing. */
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  /** JSON; see {@link encodeRequest}. */
  readonly body?: unknown;
  readonly answer: S;
}

/** One HTTP call. Throws LightningError; its kind says what is known of the outcome. */
export async function callNode<S extends z.ZodType>(
  { url, timeoutMs }: Endpoint,
  call: Call<S>,
): Promise<z.output<S>> {
  const what = `${call.method} ${call.path.split('?', 1)[0] ?? ''}`;
  try {
    const response = await fetch(new URL(call.path, url), {
      method: call.method,
      signal: AbortSignal.timeout(timeoutMs),
      ...(call.body === undefined
        ? {}
        : { body: JSON.stringify(call.body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.text();
    if (!response.ok) throw errorOf(response.status, text, call, what);
    return call.answer.parse(text === '' ? undefined : JSON.parse(text));
  } catch (error) {
    if (error instanceof LightningError) throw error;
    throw neverSent(error)
      ? LightningError.unavailable(`${what}: the node was not reached`, { cause: error })
      : noOutcome(call, `${what}: no readable answer`, error);
  }
}

/** Refused with `bad_request` when the request does not match the schema, as the node would. */
export function encodeRequest<S extends z.ZodType>(schema: S, request: z.output<S>): z.input<S> {
  const encoded = z.safeEncode(schema, request);
  if (encoded.success) return encoded.data;
  throw LightningError.refused('bad_request', z.prettifyError(encoded.error));
}

function errorOf(
  status: number,
  text: string,
  call: Call<z.ZodType>,
  what: string,
): LightningError {
  const problem = readProblem(text);
  if (status === 503) {
    const { data: alarm } = alarmSchema.safeParse(problem?.code);
    const message = `${what}: the node is not available`;
    return LightningError.unavailable(message, alarm === undefined ? {} : { alarm });
  }
  const refusal = refusalSchema.safeParse(problem?.code);
  if (status < 500 && problem !== undefined && refusal.success) {
    return LightningError.refused(refusal.data, problem.detail);
  }
  // A 404 from another server must not look like a node without this invoice.
  return noOutcome(call, `${what}: status ${status}`);
}

function noOutcome({ method }: Call<z.ZodType>, message: string, cause?: unknown): LightningError {
  return method === 'GET'
    ? LightningError.unavailable(message, { cause })
    : LightningError.unknown(message, { cause });
}

function readProblem(text: string): Problem | undefined {
  try {
    return problemSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

const errorWithCode = z.object({ code: z.string() });
const errorWithCause = z.object({ cause: z.unknown() });

const NEVER_CONNECTED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** No connection was made, so the request was not sent. */
export function neverSent(error: unknown): boolean {
  const { data } = errorWithCode.safeParse(error);
  if (data !== undefined && NEVER_CONNECTED.has(data.code)) return true;
  const inner = errorWithCause.safeParse(error);
  return inner.data?.cause !== undefined && neverSent(inner.data.cause);
}
