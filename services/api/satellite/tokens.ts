import { createHmac, timingSafeEqual } from 'node:crypto';

/** The peer's keyed hash, in lower-case hex. Keys are used as text even if they are hex. */
function hmac(key: string, message: string): string {
  return createHmac('sha256', key).update(message).digest('hex');
}

/** The token that is needed to read and cancel an order. */
export function orderToken(secret: string, orderId: string): string {
  return hmac(hmac('user-token', secret), orderId);
}

/** Compares in constant time; the length of a token is no secret. */
export function isOrderToken(secret: string, orderId: string, sent: string): boolean {
  const expected = Buffer.from(orderToken(secret, orderId));
  const given = Buffer.from(sent);
  return expected.length === given.length && timingSafeEqual(expected, given);
}
