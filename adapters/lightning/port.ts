import type { Msat } from '../../domain/money.js';

export {
  LightningError,
  LIGHTNING_REFUSALS,
  NODE_ALARMS,
  type LightningErrorKind,
  type LightningRefusal,
} from './error.js';

/** Lower-case hex, 64 characters. */
export type PaymentHash = string;
/** Lower-case hex, 64 characters; its SHA-256 is the {@link PaymentHash}. */
export type Preimage = string;

/** `ordinary` settles by itself when paid; `hold` waits for {@link LightningPort.settleInvoice}. */
export type InvoiceKind = 'ordinary' | 'hold';
export type InvoiceState = 'open' | 'held' | 'settled' | 'canceled';

export interface CreateInvoice {
  readonly kind: InvoiceKind;
  /** For an ordinary invoice; the node derives the hash. */
  readonly preimage?: Preimage;
  /** For a hold invoice; the node learns the preimage only when it is settled. */
  readonly hash?: PaymentHash;
  /** More than 0: the node would take 0 as "any amount". */
  readonly amountMsat: Msat;
  /** At most 365 days. */
  readonly expirySeconds: number;
  /** Shown to the payer; at most 639 bytes of UTF-8; never personal data. Empty beside a description's hash. */
  readonly memo: string;
  /** SHA-256 of a description that is shown elsewhere, in place of the memo. */
  readonly descriptionHash?: string;
  /** Blocks that the last HTLC must leave. Default: the node's, 80. The node refuses less than 24. */
  readonly minFinalCltv?: number;
  /** Whether to name private channels as route hints. */
  readonly privateHints?: boolean;
}

/** The HTLCs of a held invoice: the whole set, and of several the lowest heights. */
export interface HeldHtlcs {
  readonly acceptHeight: number;
  /** The node cancels the invoice by itself some blocks before (lnd 0.21: 18). */
  readonly expiryHeight: number;
}

export interface Invoice {
  readonly hash: PaymentHash;
  readonly kind: InvoiceKind;
  readonly bolt11: string;
  readonly state: InvoiceState;
  readonly amountMsat: Msat;
  /** The amount held or settled; 0 before. May exceed `amountMsat` without a bound, as payers may overpay. */
  readonly receivedMsat: Msat;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  /** While it is held. */
  readonly held?: HeldHtlcs;
}

/** As it was created, with the public key of the node that has signed it. */
export interface CreatedInvoice extends Invoice {
  readonly node: string;
}

/** Stored before the first send and never changed: a repeated send must not pay another amount or later. */
export interface SendPayment {
  readonly bolt11: string;
  /** Of the invoice that is meant; another one is refused before anything is sent. */
  readonly expectedHash: PaymentHash;
  /** For an invoice without an amount, and only for such. */
  readonly amountMsat?: Msat;
  readonly maxFeeMsat: Msat;
  /** No further route is tried after this. What is in flight then stays in flight. */
  readonly giveUpSeconds: number;
  /** The height at which the outgoing HTLC expires, at most. */
  readonly maxExpiryHeight?: number;
}

export type PaymentState = 'in_flight' | 'succeeded' | 'failed';

export const PAYMENT_FAILURES = [
  /** No route within the limits of fee and height. */
  'no_route',
  /** No route was found in time. */
  'timeout',
  /** The payee refused: wrong details, invoice canceled or paid. */
  'rejected',
  /** The node's own balance is too low. */
  'insufficient',
  'canceled',
  'error',
] as const;

export type PaymentFailure = (typeof PAYMENT_FAILURES)[number];

export interface OutgoingPayment {
  readonly hash: PaymentHash;
  /** Says alone how it ended. A failed payment may be in flight again: its hash may be sent again. */
  readonly state: PaymentState;
  /** Grows with each payment that the node begins, also when it begins a failed hash again. */
  readonly index: bigint;
  readonly startedAt: Date;
  readonly amountMsat: Msat;
  /** 0 once failed. */
  readonly feeMsat: Msat;
  /** Known once succeeded. */
  readonly preimage?: Preimage;
  /** Known once failed. */
  readonly failure?: PaymentFailure;
  /** While HTLCs are in flight: the highest height at which one expires. */
  readonly expiryHeight?: number;
}

export interface DecodedInvoice {
  readonly hash: PaymentHash;
  /** Absent: the payer chooses. */
  readonly amountMsat?: Msat;
  /** The public key of the node that is paid. */
  readonly payee: string;
  readonly expiresAt: Date;
  /** Empty beside a description's hash. */
  readonly memo: string;
  readonly descriptionHash?: string;
  readonly minFinalCltv: number;
  /** Feature bits, ascending. */
  readonly features: readonly number[];
  /** Public keys of the nodes in its route hints. */
  readonly hintNodes: readonly string[];
}

export interface RouteEstimate {
  readonly feeMsat: Msat;
  /** The height at which our HTLC would expire, the payee's final delta included. */
  readonly expiryHeight: number;
}

export interface NodeInfo {
  /** Compressed, as hex; identifies the node. What it says about an invoice of another node decides nothing. */
  readonly publicKey: string;
  readonly network: 'mainnet' | 'testnet' | 'signet' | 'regtest';
  readonly version: string;
  readonly blockHeight: number;
  /** Whether it has caught up with the chain. */
  readonly synced: boolean;
}

export interface NodeBalance {
  /** In its channels, free to be sent. */
  readonly sendableMsat: Msat;
  readonly receivableMsat: Msat;
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
      readonly failure?: PaymentFailure;
    }
);

/**
 * A Lightning node, as lnd is. Every call may throw LightningError. Settle and cancel are idempotent, and each is refused
 * after the other.
 */
export interface LightningPort {
  info(): Promise<NodeInfo>;
  balance(): Promise<NodeBalance>;
  /** Refused with `duplicate_hash` when the hash exists: look it up instead. */
  createInvoice(request: CreateInvoice): Promise<CreatedInvoice>;
  /** Undefined when the node does not know the hash: also a wrong node, or one that was restored. */
  lookupInvoice(hash: PaymentHash): Promise<Invoice | undefined>;
  /** Refused: `not_held`, `already_canceled`, `unknown_preimage`. */
  settleInvoice(preimage: Preimage): Promise<void>;
  /** Refused: `already_settled`, `unknown_hash`. */
  cancelInvoice(hash: PaymentHash): Promise<void>;
  /**
   * Starts a payment and returns its first state. Idempotent while the hash is in flight or has succeeded: then it is refused with
   * `already_exists`. **A failed hash is started again**: FAILED is final only when every send was answered, or once the bolt11 has
   * expired, as the node refuses an expired one. After an error of kind `unknown` the payment may be in flight, or begin later.
   *
   * Refused, with nothing sent: `already_exists`, `self_payment`, `hash_mismatch`, `invoice_expired`, `height_limit_too_low`,
   * `bad_request`. A balance that is too low is a payment that failed.
   */
  sendPayment(request: SendPayment): Promise<OutgoingPayment>;
  /** Undefined proves nothing once a payment was sent: the send may be late. */
  lookupPayment(hash: PaymentHash): Promise<OutgoingPayment | undefined>;
  /** The fee and the height of a route to the payee; undefined when none is found. */
  estimateRoute(
    request: Pick<SendPayment, 'bolt11' | 'amountMsat'>,
  ): Promise<RouteEstimate | undefined>;
  /** The authority on what an invoice says. In any spelling: upper case, `lightning:`, spaces around. Refused: `bad_request`. */
  decode(bolt11: string): Promise<DecodedInvoice>;
  /** What the node was seen to do with a hash, in order: its invoice's states, its payments' ends. */
  journal(hash: PaymentHash): Promise<readonly NodeEvent[]>;
  /**
   * Events of our own hashes after the cursor in order, then new ones, until aborted. Each at least once. What the node itself does not
   * replay (held, canceled, payments) comes from the journal.
   */
  subscribe(after: bigint, signal: AbortSignal): AsyncIterable<NodeEvent>;
}
