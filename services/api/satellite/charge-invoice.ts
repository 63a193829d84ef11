import { ORDER_MEMO } from '../../../engine/transmissions/order-invoice.js';
import type { ShownInvoice } from '../../../engine/transmissions/call-node.js';

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

/** A gateway's own object, word for word, or one of ours. */
export type ShownCharge = ChargeInvoice | Readonly<Record<string, unknown>>;

/** A new invoice in the format of Lightning Charge, as the peer sends it. Of our own node the id is the payment hash. */
export function chargeInvoice(
  invoice: ShownInvoice,
  order: { readonly id: string; readonly message_digest: string },
): ShownCharge {
  if (invoice.answer !== undefined) return invoice.answer;
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
