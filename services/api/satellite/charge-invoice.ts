import { ORDER_MEMO } from '../../../engine/transmissions/order-invoice.js';
import type { Invoice } from '../../../adapters/lightning/port.js';

export interface ChargeInvoice {
  readonly id: string;
  /** Decimal digits, as in Lightning Charge. */
  readonly msatoshi: string;
  readonly description: string;
  readonly rhash: string;
  readonly payreq: string;
  /** Seconds since 1970. */
  readonly expires_at: number;
  readonly created_at: number;
  readonly metadata: { readonly uuid: string; readonly sha256_message_digest: string };
  readonly status: 'unpaid' | 'paid' | 'expired';
}

/** A new invoice in the format of Lightning Charge, as the peer sends it. Our id is the payment hash. */
export function chargeInvoice(
  invoice: Invoice,
  order: { readonly id: string; readonly message_digest: string },
): ChargeInvoice {
  return {
    id: invoice.hash,
    msatoshi: invoice.amountMsat.toString(),
    description: ORDER_MEMO,
    rhash: invoice.hash,
    payreq: invoice.bolt11,
    expires_at: Math.floor(invoice.expiresAt.getTime() / 1000),
    created_at: Math.floor(invoice.createdAt.getTime() / 1000),
    metadata: { uuid: order.id, sha256_message_digest: order.message_digest },
    status: 'unpaid',
  };
}
