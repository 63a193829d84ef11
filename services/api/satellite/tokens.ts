import { timingSafeEqual } from 'node:crypto';
import { callbackToken, peerHash } from '../../../adapters/lightning/charge/peer-hash.js';

/** The token that is needed to read and cancel an order. */
export function orderToken(secret: string, orderId: string): string {
  return peerHash(peerHash('user-token', secret), orderId);
}

/** A token is the peer's, so it cannot say which secret made it: each of them makes a valid one. */
export function isOrderToken(secrets: readonly string[], orderId: string, sent: string): boolean {
  return secrets.map((secret) => isToken(orderToken(secret, orderId), sent)).includes(true);
}

export function isCallbackToken(secret: string, invoiceId: string, sent: string): boolean {
  return isToken(callbackToken(secret, invoiceId), sent);
}

/** Compares in constant time; the length of a token is no secret. */
function isToken(token: string, sent: string): boolean {
  const expected = Buffer.from(token);
  const given = Buffer.from(sent);
  return expected.length === given.length && timingSafeEqual(expected, given);
}
