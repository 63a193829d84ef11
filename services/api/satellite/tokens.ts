import { createHmac, timingSafeEqual } from 'node:crypto';

/** The peer's keyed hash: keys are texts, even where they are hex; lower-case hex comes out. */
function hmac(key: string, message: string): string {
  return createHmac('sha256', key).update(message).digest('hex');
}

/** The token with which a customer reads and cancels an order. */
export function orderToken(secret: string, orderId: string): string {
  return hmac(hmac('user-token', secret), orderId);
}

/** Compared in constant time; the length of a token is no secret. */
export function isOrderToken(secret: string, orderId: string, presented: string): boolean {
  const expected = Buffer.from(orderToken(secret, orderId));
  const given = Buffer.from(presented);
  return expected.length === given.length && timingSafeEqual(expected, given);
}
