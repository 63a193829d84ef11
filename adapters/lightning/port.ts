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
  /** Of an ordinary invoice; the node derives the hash. */
  readonly preimage?: Preimage;
  /** Of a hold invoice; the node never learns the preimage before it is settled. */
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
  /** What was held or settled; 0 before. May exceed `amountMsat`: payers may overpay. */
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

/** Something the node saw. `cursor` grows; a subscription resumes after the last one handled. */
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
      /** Of one that succeeded. */
      readonly preimage?: Preimage;
      /** Of one that failed. */
      readonly failure?: string;
    }
);

/**
 * One Lightning node. Every call may fail with a LightningError; settle and cancel are idempotent, as on lnd.
 * The behaviour to match is that of a real node: settle again or cancel again is fine, each after the other is refused.
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
   * Starts a payment and returns what is known of it. Idempotent per hash: never pays one twice, and one that failed stays
   * failed, so that a repeated call cannot pay what was cancelled meanwhile. A new try takes a new invoice.
   * An unknown error means that money may be on its way: ask with {@link lookupPayment}.
   */
  pay(request: PayInvoice): Promise<OutgoingPayment>;
  lookupPayment(hash: PaymentHash): Promise<OutgoingPayment | undefined>;
  decode(bolt11: string): Promise<DecodedInvoice>;
  /** Events after the cursor in order, then live ones, until aborted. At least once. */
  subscribe(after: bigint, signal: AbortSignal): AsyncIterable<NodeEvent>;
}

/**
 * How an error from a node is to be read: `refused`, it said no and nothing happened; `unavailable`, it was not reached and
 * nothing happened; `unknown`, it may have happened: ask before deciding.
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
