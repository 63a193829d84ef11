import { LightningError } from '../error.js';

export interface ChargeEndpoint {
  readonly root: string;
  readonly timeoutMs: number;
}

export interface ChargeAnswer {
  readonly status: number;
  readonly body: string;
}

const MAX_ANSWER_BYTES = 256 * 1024;
/** Nothing was sent. */
const NOT_REACHED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH']);

/**
 * One call to Lightning Charge; any status is an answer. Throws LightningError: `unavailable` where it was not reached, `unknown` where
 * its answer did not arrive.
 */
export async function chargeCall(
  { root, timeoutMs }: ChargeEndpoint,
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
): Promise<ChargeAnswer> {
  const { base, authorization } = addressOf(root);
  try {
    const response = await fetch(`${base}${path}`, {
      method,
      redirect: 'error',
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(authorization === undefined ? {} : { authorization }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { status: response.status, body: await readAtMost(response, MAX_ANSWER_BYTES) };
  } catch (error) {
    if (error instanceof LightningError) throw error;
    throw isNotReached(error)
      ? LightningError.unavailable('Lightning Charge was not reached', { cause: error })
      : LightningError.unknown('the answer of Lightning Charge did not arrive', { cause: error });
  }
}

/** `fetch` takes no credentials in an address. */
function addressOf(root: string): { base: string; authorization: string | undefined } {
  const url = new URL(root);
  const { username, password } = url;
  url.username = '';
  url.password = '';
  const base = url.href.replace(/\/+$/, '');
  if (username === '' && password === '') return { base, authorization: undefined };
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { base, authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

function isNotReached(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof AggregateError) return cause.errors.every(hasCode);
  return hasCode(cause);
}

function hasCode(error: unknown): boolean {
  return error instanceof Error && 'code' in error && NOT_REACHED.has(String(error.code));
}

async function readAtMost(response: Response, limit: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Its type says nothing of what it holds.
  const body: AsyncIterable<Uint8Array> | null = response.body;
  if (body === null) return '';
  for await (const chunk of body) {
    size += chunk.length;
    if (size > limit) throw LightningError.unknown('the answer of Lightning Charge is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
