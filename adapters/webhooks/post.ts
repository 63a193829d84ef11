import { Resolver } from 'node:dns/promises';
import { request as requestHttp, type RequestOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, isIPv6 } from 'node:net';
import type { AddressKind } from './allowed-address.js';

export interface PostOptions {
  readonly kindOf: (address: string) => AddressKind;
  /** For the whole of it: name, connection, headers. */
  readonly timeoutMs: number;
  /** Addresses of a name. Default: asks the name servers; the hosts file is not read. */
  readonly resolve?: (name: string, signal: AbortSignal) => Promise<readonly string[]>;
}

export interface Message {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Nobody answered: `why` is a text without anything of the other side. */
export class NotSent extends Error {
  override readonly name = 'NotSent';
}

/**
 * Posts to an address that a stranger has named; the status of the answer. The name is resolved once, all its addresses must be allowed,
 * and the connection is made to one that was checked. Redirects are not followed, and of the answer nothing but the status is read.
 * Throws {@link NotSent}.
 */
export async function post(message: Message, options: PostOptions): Promise<number> {
  const signal = AbortSignal.timeout(options.timeoutMs);
  const url = new URL(message.url);
  const address = await addressOf(url, options, signal);
  return send(url, address, message, signal).catch((cause: unknown) => {
    if (signal.aborted) throw new NotSent(`no answer within ${options.timeoutMs} ms`, { cause });
    throw cause instanceof NotSent ? cause : new NotSent(reasonOf(cause), { cause });
  });
}

async function addressOf(
  url: URL,
  { kindOf, resolve = resolveName }: PostOptions,
  signal: AbortSignal,
): Promise<string> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const found = isIP(host) === 0 ? await orAborted(resolve(host, signal), signal) : [host];
  const kinds = new Set(found.map(kindOf));
  const [first] = found;
  if (first === undefined) throw new NotSent('the name has no address');
  if (kinds.has('refused')) throw new NotSent('the address is not a public one');
  if (url.protocol !== 'https:' && kinds.has('public')) throw new NotSent('only https is sent to');
  return first;
}

function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(new NotSent('the name was not resolved in time'));
    signal.addEventListener('abort', stop, { once: true });
    work
      .then(resolve, (cause: unknown) =>
        reject(new NotSent('the name could not be resolved', { cause })),
      )
      .finally(() => signal.removeEventListener('abort', stop));
  });
}

/** Asks the name servers without a thread of the process: a name server that does not answer holds up nobody else. */
async function resolveName(name: string, signal: AbortSignal): Promise<readonly string[]> {
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  signal.addEventListener('abort', () => resolver.cancel(), { once: true });
  const [v4, v6] = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
  const found = [v4, v6].flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  if (found.length === 0 && v4.status === 'rejected') throw new NotSent('no such name');
  return found;
}

function send(url: URL, address: string, message: Message, signal: AbortSignal): Promise<number> {
  const isTls = url.protocol === 'https:';
  const options: RequestOptions & { servername?: string } = {
    method: 'POST',
    host: address,
    family: isIPv6(address) ? 6 : 4,
    port: url.port === '' ? (isTls ? 443 : 80) : Number(url.port),
    path: `${url.pathname}${url.search}`,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'quittance-webhooks',
      ...message.headers,
      host: url.host,
      'content-length': String(Buffer.byteLength(message.body)),
    },
    agent: false,
    signal,
    ...(isTls && isIP(url.hostname) === 0 ? { servername: url.hostname } : {}),
  };
  return new Promise((resolve, reject) => {
    const call = (isTls ? requestHttps : requestHttp)(options, ({ statusCode = 0 }) => {
      // Whatever follows, and however long: it is not read.
      call.destroy();
      resolve(statusCode);
    });
    call.on('error', reject).end(message.body);
  });
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ECONNREFUSED') return 'the connection was refused';
  if (code.startsWith('HPE_')) return 'the answer is not HTTP';
  if (/CERT|TLS|SSL|SELF_SIGNED|ALTNAME/.test(code)) return 'its certificate is not valid';
  return 'the connection failed';
}
