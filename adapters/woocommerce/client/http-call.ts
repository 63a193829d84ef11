import { z } from 'zod';
import type { StoreAnswer } from '../port.js';
import { retryAfterMs } from './retry-after.js';
import type { SignedRequest } from './sign.js';

export type Unavailable = Extract<StoreAnswer<never>, { kind: 'unavailable' }>;

export interface HttpAnswer {
  readonly kind: 'answer';
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface HttpCall extends SignedRequest {
  readonly method: string;
  readonly body?: string;
  /** Of the whole call, its body included. */
  readonly timeoutMs: number;
  /** A longer body is not read to its end. */
  readonly maxBytes: number;
}

/** One HTTP call. Redirects are not followed: they could take the credentials to another host. */
export async function callStore(call: HttpCall): Promise<HttpAnswer | Unavailable> {
  const { url, method, headers, body, timeoutMs, maxBytes } = call;
  try {
    const response = await fetch(url, {
      method,
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
      headers: {
        accept: 'application/json',
        'user-agent': 'quittance',
        ...headers,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body }),
    });
    const { status } = response;
    if (status >= 300 && status < 400) {
      await response.body?.cancel();
      return unavailable(`the store redirects to ${hostOf(response.headers.get('location'), url)}`);
    }
    const text = await readText(response, maxBytes);
    if (text === undefined) return unavailable(`an answer of more than ${maxBytes} bytes`);
    if (status === 429 || status >= 500) {
      const wait = retryAfterMs(response.headers.get('retry-after'), Date.now());
      return unavailable(`status ${status}`, wait);
    }
    return { kind: 'answer', status, headers: response.headers, text };
  } catch (error) {
    return unavailable(causeOf(error, timeoutMs));
  }
}

export function unavailable(reason: string, wait?: number): Unavailable {
  return { kind: 'unavailable', reason, ...(wait === undefined ? {} : { retryAfterMs: wait }) };
}

async function readText(response: Response, maxBytes: number): Promise<string | undefined> {
  const body: AsyncIterable<Uint8Array> | null = response.body;
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength;
    // Leaving the loop cancels the rest.
    if (bytes > maxBytes) return undefined;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

const errorWithName = z.object({ name: z.string() });
const errorWithCode = z.object({ cause: z.object({ code: z.string() }) });

/** Never the address that was called: with OAuth it carries a signature. */
function causeOf(error: unknown, timeoutMs: number): string {
  if (errorWithName.safeParse(error).data?.name === 'TimeoutError') {
    return `no answer within ${timeoutMs} ms`;
  }
  const code = errorWithCode.safeParse(error).data?.cause.code;
  return code === undefined ? 'the connection failed' : `the connection failed: ${code}`;
}

function hostOf(location: string | null, url: string): string {
  return location !== null && URL.canParse(location, url)
    ? new URL(location, url).origin
    : 'nowhere';
}
