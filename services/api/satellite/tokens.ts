import { createHmac, timingSafeEqual } from 'node:crypto';
import { secretsOf } from '../../../engine/context.js';
import type { ApiDeps } from '../deps.js';

/** The peer's keyed hash, in lower-case hex. Keys are used as text even if they are hex. */
function hmac(key: string, message: string): string {
  return createHmac('sha256', key).update(message).digest('hex');
}

/** The token that is needed to read and cancel an order. */
export function orderToken(secret: string, orderId: string): string {
  return hmac(hmac('user-token', secret), orderId);
}

/**
 * The secrets of order tokens, the newest first: it makes tokens, and each of them makes a valid one. A token is the peer's, so it
 * cannot say which secret made it.
 */
export function orderTokenSecrets({
  engine,
  orderTokenSecrets: secrets = [],
}: Pick<ApiDeps, 'engine' | 'orderTokenSecrets'>): readonly [string, ...string[]] {
  const [newest, ...older] = secrets;
  // What was made before there were keys of its own stays valid.
  const [secret, ...former] = secretsOf(engine);
  return newest === undefined ? [secret, ...former] : [newest, ...older, secret, ...former];
}

/** Compares in constant time; the length of a token is no secret. */
export function isOrderToken(secrets: readonly string[], orderId: string, sent: string): boolean {
  const given = Buffer.from(sent);
  const matches = secrets.map((secret) => {
    const expected = Buffer.from(orderToken(secret, orderId));
    return expected.length === given.length && timingSafeEqual(expected, given);
  });
  return matches.includes(true);
}
