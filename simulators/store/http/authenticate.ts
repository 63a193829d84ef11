import { createHmac, timingSafeEqual } from 'node:crypto';
import { type RestAnswer, restError } from '../rest-error.js';
import type { ConsumerKey, StoreSettings } from '../settings.js';
import type { RestRequest } from './rest-request.js';

/** Of this machine's clock, which signs: a store's own clock may be months ahead of it. */
const NONCE_SECONDS = 900;

/** Who calls: a key, an error, or nobody. */
export type Caller =
  { readonly kind: 'key'; readonly key: ConsumerKey } | { readonly kind: 'nobody' };

/** Basic or a key in the query when the site takes the call for HTTPS, else OAuth 1.0a without a token. */
export class Authentication {
  readonly #nonces = new Map<string, number>();

  constructor(private readonly settings: Pick<StoreSettings, 'keys' | 'https'>) {}

  check(request: RestRequest): Caller | RestAnswer {
    const { https } = this.settings;
    const found = https ? this.#byCredentials(request) : this.#bySignature(request);
    if (!('kind' in found) || found.kind === 'nobody') return found;
    const { permissions } = found.key;
    const needed = request.method === 'GET' ? 'read' : 'write';
    return permissions === 'read_write' || permissions === needed
      ? found
      : restError('permissions', 401);
  }

  #byCredentials({ headers, query }: RestRequest): Caller | RestAnswer {
    const [, encoded = ''] = /^Basic (.+)$/i.exec(headers.authorization ?? '') ?? [];
    const [name, secret] =
      encoded === ''
        ? [query.get('consumer_key') ?? '', query.get('consumer_secret') ?? '']
        : split(Buffer.from(encoded, 'base64').toString());
    const key = this.#find(name);
    if (key === undefined) return { kind: 'nobody' };
    return same(key.secret, secret) ? { kind: 'key', key } : restError('secret', 401);
  }

  #bySignature(request: RestRequest): Caller | RestAnswer {
    const { query } = request;
    const key = this.#find(query.get('oauth_consumer_key') ?? '');
    if (key === undefined) return { kind: 'nobody' };
    const given = query.get('oauth_signature') ?? '';
    if (!same(given, oauthSignature(request, key.secret))) return restError('signature', 401);
    const now = Date.now() / 1000;
    const timestamp = Number(query.get('oauth_timestamp'));
    if (!(Math.abs(now - timestamp) <= NONCE_SECONDS)) return restError('timestamp', 401);
    const nonce = `${key.key} ${query.get('oauth_nonce') ?? ''}`;
    for (const [old, at] of this.#nonces) if (at < now - NONCE_SECONDS) this.#nonces.delete(old);
    if (this.#nonces.has(nonce)) return restError('nonce', 401);
    this.#nonces.set(nonce, now);
    return { kind: 'key', key };
  }

  #find(name: string): ConsumerKey | undefined {
    return this.settings.keys.find(({ key }) => key === name);
  }
}

/** RFC 5849, section 3.4, with the token's secret empty. */
function oauthSignature({ method, address, query }: RestRequest, secret: string): string {
  const algorithm = query.get('oauth_signature_method') === 'HMAC-SHA1' ? 'sha1' : 'sha256';
  const parameters = [...query]
    .filter(([name]) => name !== 'oauth_signature')
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
  const base = [method, encode(address), encode(parameters)].join('&');
  return createHmac(algorithm, `${encode(secret)}&`)
    .update(base)
    .digest('base64');
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function split(credentials: string): [string, string] {
  const colon = credentials.indexOf(':');
  return [credentials.slice(0, Math.max(colon, 0)), credentials.slice(colon + 1)];
}

function same(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
