import { createHmac } from 'node:crypto';
import OAuth from 'oauth-1.0a';

/** A consumer key (`ck_…`) and its secret (`cs_…`), as a store issues them. */
export interface StoreKey {
  readonly key: string;
  readonly secret: string;
}

export interface StoreRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Without a query. */
  readonly url: URL;
  readonly query: Readonly<Record<string, string>>;
}

export interface SignedRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Over HTTPS the key goes as Basic credentials. Over plain HTTP the store accepts only OAuth 1.0a without a token,
 * which never sends the secret: a signature, a timestamp of this machine's clock and a nonce go into the query.
 */
export function sign(request: StoreRequest, { key, secret }: StoreKey): SignedRequest {
  const { method, url, query } = request;
  if (url.protocol === 'https:') {
    const credentials = Buffer.from(`${key}:${secret}`).toString('base64');
    return { url: withQuery(url, query), headers: { authorization: `Basic ${credentials}` } };
  }
  const oauth = new OAuth({
    consumer: { key, secret },
    signature_method: 'HMAC-SHA256',
    hash_function: (base, signingKey) =>
      createHmac('sha256', signingKey).update(base).digest('base64'),
  });
  const signature = oauth.authorize({ method, url: url.href, data: { ...query } });
  const parameters = Object.entries(signature).map(([name, value]): [string, string] => [
    name,
    String(value),
  ]);
  return { url: withQuery(url, Object.fromEntries(parameters)), headers: {} };
}

/** Percent-encoded as OAuth signs it: `+` for a space would make another signature. */
function withQuery(url: URL, query: Readonly<Record<string, string>>): string {
  const text = Object.entries(query)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&');
  return text === '' ? url.href : `${url.href}?${text}`;
}
