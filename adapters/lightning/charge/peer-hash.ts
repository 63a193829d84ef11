import { createHmac } from 'node:crypto';

/** The Satellite API's keyed hash, in lower-case hex. Keys are used as text even if they are hex. */
export function peerHash(key: string, message: string): string {
  return createHmac('sha256', key).update(message).digest('hex');
}

/** The token by which a gateway calls back about one of its invoices. */
export function callbackToken(secret: string, invoiceId: string): string {
  return peerHash(peerHash('charged-token', secret), invoiceId);
}
