import type { Msat } from '../../domain/money.js';

/** Lower-case hex, 64 characters. */
export type PaymentHash = string;
/** Lower-case hex, 64 characters; its SHA-256 is the {@link PaymentHash}. */
export type Preimage = string;

/** `ordinary` settles by itself when paid; `hold` waits for {@link LightningPort.settleInvoice}. */
export type InvoiceKind = 'ordinary' | 'hold';
export type InvoiceState = 'open' | 'held' | 'settled' | 'canceled';
export type PaymentState = 'in_flight' | 'succeeded' | 'failed';

export interface CreateInvoice {
  readonly kind: InvoiceKind;
  /** For an ordinary invoice; the node derives the hash. */
  readonly preimage?: Preimage;
  /** For a hold invoice; the node learns the preimage only when it is settled. */
  readonly hash?: PaymentHash;
  readonly amountMsat: Msat;
  readonly expirySeconds: number;
  /** Shown to the payer; never personal data. */
  readonly memo: string;
}

export interface Invoice {
  readonly hash: PaymentHash;
  readonly kind: InvoiceKind;
  readonly bolt11: string;
  readonly state: InvoiceState;
  readonly amountMsat: Msat;
  /** The amount held or settled; 0 before. May exceed `amountMsat`, as payers may overpay. */
  readonly receivedMsat: Msat;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

export interface PayInvoice {
  readonly bolt11: string;
  readonly maxFeeMsat: Msat;
}

export interface OutgoingPayment {
  readonly hash: PaymentHash;
  readonly state: PaymentState;
  readonly amountMsat: Msat;
  readonly feeMsat: Msat;
  /** Known once succeeded. */
  readonly preimage?: Preimage;
  /** Known once failed. */
  readonly failure?: string;
}

export interface DecodedInvoice {
  readonly hash: PaymentHash;
  readonly amountMsat: Msat;
  readonly expiresAt: Date;
  readonly memo: string;
}

/** An event of the node. `cursor` grows; a subscription resumes after the last event handled. */
export type NodeEvent = { readonly cursor: bigint; readonly at: Date } & (
  | {
      readonly type: 'invoice';
      readonly hash: PaymentHash;
      readonly state: 'held' | 'settled' | 'canceled';
      readonly receivedMsat: Msat;
    }
  | {
      readonly type: 'payment';
      readonly hash: PaymentHash;
      readonly state: 'succeeded' | 'failed';
      readonly feeMsat: Msat;
      /** When it succeeded. */
      readonly preimage?: Preimage;
      /** When it failed. */
      readonly failure?: string;
    }
);

/**
 * A Lightning node. Every call may throw LightningError. As on lnd, settle and cancel are idempotent, and each
 * is refused after the other.
 */
export interface LightningPort {
  /** Refused with `duplicate_hash` when the hash exists: look it up instead. */
  createInvoice(request: CreateInvoice): Promise<Invoice>;
  /** Undefined when the node does not know the hash. */
  lookupInvoice(hash: PaymentHash): Promise<Invoice | undefined>;
  /** Refused: `not_held`, `already_canceled`, `unknown_preimage`. */
  settleInvoice(preimage: Preimage): Promise<void>;
  /** Refused: `already_settled`, `unknown_hash`. */
  cancelInvoice(hash: PaymentHash): Promise<void>;
  /**
   * Starts a payment and returns its state. Idempotent per hash: it never pays twice, and a failed payment stays
   * failed, so that a repeated call cannot pay what was refunded meanwhile. A new try takes a new invoice.
   * After an error of kind `unknown` the payment may be in flight: call {@link lookupPayment}.
   */
  pay(request: PayInvoice): Promise<OutgoingPayment>;
  lookupPayment(hash: PaymentHash): Promise<OutgoingPayment | undefined>;
  decode(bolt11: string): Promise<DecodedInvoice>;
  /** Events after the cursor in order, then new ones, until aborted. Each at least once. */
  subscribe(after: bigint, signal: AbortSignal): AsyncIterable<NodeEvent>;
}

/**
 * What an error of a node means. `refused`: the node refused, nothing happened. `unavailable`: the node was not
 * reached, nothing happened. `unknown`: it may have happened; look it up before deciding.
 */
export type LightningErrorKind = 'refused' | 'unknown' | 'unavailable';

export type LightningRefusal =
  | 'duplicate_hash'
  | 'not_held'
  | 'already_canceled'
  | 'already_settled'
  | 'unknown_hash'
  | 'unknown_preimage'
  | 'invoice_expired'
  | 'invoice_unpayable'
  | 'insufficient_balance'
  | 'bad_request';

export class LightningError extends Error {
  override readonly name = 'LightningError';

  private constructor(
    readonly kind: LightningErrorKind,
    readonly code: LightningRefusal | 'unknown' | 'unavailable',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  static refused(code: LightningRefusal, message: string): LightningError {
    return new LightningError('refused', code, message);
  }

  static unknown(message: string, options?: ErrorOptions): LightningError {
    return new LightningError('unknown', 'unknown', message, options);
  }

  static unavailable(message: string, options?: ErrorOptions): LightningError {
    return new LightningError('unavailable', 'unavailable', message, options);
  }
}
