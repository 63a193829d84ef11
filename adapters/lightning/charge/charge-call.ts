import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { z } from 'zod';
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

/** A connection that was idle for so long is not used again: the other side may be closing it. */
const IDLE_MS = 3_000;
const agents = {
  http: new HttpAgent({ keepAlive: true, timeout: IDLE_MS }),
  https: new HttpsAgent({ keepAlive: true, timeout: IDLE_MS }),
};

/**
 * One call to Lightning Charge; any status is an answer. Not by `fetch`, which costs three times as much. Throws LightningError:
 * `unavailable` where it was not reached, `unknown` where its answer did not arrive.
 */
export async function chargeCall(
  endpoint: ChargeEndpoint,
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
): Promise<ChargeAnswer> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  try {
    return await send(endpoint, { method, path, text });
  } catch (error) {
    if (error instanceof LightningError) throw error;
    throw isNotReached(error)
      ? LightningError.unavailable('Lightning Charge was not reached', { cause: error })
      : LightningError.unknown('the answer of Lightning Charge did not arrive', { cause: error });
  }
}

interface Sent {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly text: string | undefined;
}

function send(
  { root, timeoutMs }: ChargeEndpoint,
  { method, path, text }: Sent,
): Promise<ChargeAnswer> {
  const { base, authorization } = addressOf(root);
  const url = new URL(`${base}${path}`);
  const isTls = url.protocol === 'https:';
  const headers = {
    ...(text === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
    ...(authorization === undefined ? {} : { authorization }),
  };
  return new Promise((resolve, reject) => {
    const request = isTls
      ? httpsRequest(url, { method, headers, agent: agents.https })
      : httpRequest(url, { method, headers, agent: agents.http });
    const timer = setTimeout(() => {
      request.destroy(new Error(`no answer within ${timeoutMs} ms`));
    }, timeoutMs);
    request.once('close', () => clearTimeout(timer));
    request.once('error', reject);
    request.once('response', (response) => {
      readAtMost(response, MAX_ANSWER_BYTES).then(
        (answer) => resolve({ status: response.statusCode ?? 0, body: answer }),
        reject,
      );
    });
    request.end(text);
  });
}

/** Credentials are sent as a header, decoded. */
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
  return error instanceof AggregateError ? error.errors.every(hasCode) : hasCode(error);
}

function hasCode(error: unknown): boolean {
  return error instanceof Error && 'code' in error && NOT_REACHED.has(String(error.code));
}

/** Its type says nothing of what it holds. */
async function readAtMost(response: IncomingMessage, limit: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    const bytes = z.instanceof(Buffer).parse(chunk);
    size += bytes.length;
    if (size > limit) throw LightningError.unknown('the answer of Lightning Charge is too long');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}
