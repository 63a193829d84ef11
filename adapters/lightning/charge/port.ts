import type { Msat } from '../../../domain/money.js';

/** What an order's invoice is asked for with. */
export interface GatewayRequest {
  /** 0: the gateway takes it as any amount. */
  readonly amountMsat: Msat;
  readonly expirySeconds: number;
  readonly orderId: string;
  /** SHA-256 of the message, hex. */
  readonly messageDigest: string;
}

/** An invoice that a gateway has made. Hash and preimage are its own. */
export interface GatewayInvoice {
  readonly id: string;
  /** Where it says so. */
  readonly paymentHash: string | undefined;
  readonly bolt11: string;
  /** The whole answer: clients are shown it word for word. */
  readonly answer: Readonly<Record<string, unknown>>;
}

/**
 * A gateway in front of a node of its own, like Lightning Charge: it makes invoices, chooses their hashes, closes none before it expires,
 * and tells of a payment by calling back. Every call may throw LightningError: `refused` and `unavailable` mean that nothing was made,
 * `unknown` that an invoice may exist of which nothing is known.
 */
export interface InvoiceGateway {
  readonly name: 'charge';
  createInvoice(request: GatewayRequest): Promise<GatewayInvoice>;
  /** Has the gateway call back once the invoice is paid. */
  registerCallback(id: string): Promise<void>;
  /** Undefined where the gateway cannot say: then the invoice's own expiry decides. */
  lookupInvoice(id: string): Promise<'open' | 'settled' | 'canceled' | undefined>;
  /** What the gateway says of its node, as it is. */
  info(): Promise<string>;
}
