import { createHash, createHmac } from 'node:crypto';
import type { PaymentHash, Preimage } from '../../adapters/lightning/port.js';

/**
 * The preimage of the invoice of an attempt or order bid, from our secret and its id: a second creation finds the first, and the
 * hash is known before the node has been asked.
 */
export function derivePreimage(secret: string, id: string): Preimage {
  const key = createHmac('sha256', secret).update('preimage').digest();
  return createHmac('sha256', key).update(id).digest('hex');
}

export function hashOfPreimage(preimage: Preimage): PaymentHash {
  return createHash('sha256').update(Buffer.from(preimage, 'hex')).digest('hex');
}
