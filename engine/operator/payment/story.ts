import type { Msat } from '../../../domain/money.js';
import type { NodeCallKind } from '../../../domain/invoices/node-calls.js';
import type { Asset } from '../../ledger/post-entry.js';
import type { LegSide } from '../../ledger/legs.js';
import type { TransitionView } from '../read-transitions.js';

/** Everything there is to know of a payment, for an operator: an action with its attempts, or an order. Amounts in msat. */
export interface PaymentStory {
  readonly kind: 'action' | 'order';
  readonly id: string;
  /** Of the newest attempt, or of the order. */
  readonly state: string;
  /** The action's type; for an order its channel. */
  readonly about: string;
  /** Account name; null for somebody without an account. */
  readonly actor: string | null;
  /** Of an action: http, start_token or trusted_start. Null for an order, and for what was opened before that was recorded. */
  readonly openedBy: string | null;
  /** The action's cost, or the order's bids. */
  readonly costMsat: Msat;
  readonly createdAt: Date;
  /** Of the chain, now, where something ends at a height; null where nothing does, or the node does not say. */
  readonly height: number | null;
  /** Oldest first; of an action the newest {@link ATTEMPTS_SHOWN}. An order has one. */
  readonly attempts: readonly AttemptStory[];
  readonly claims: readonly ClaimStory[];
  /** In the order of their ids. */
  readonly ledger: readonly EntryStory[];
  /** What is still to be delivered or called about it, oldest first. */
  readonly outbox: readonly OpenRow[];
}

/** What has happened to one attempt of an action, or to an order. */
export interface AttemptStory {
  /** `action/<id>/<attempt>` or `order/<id>`: of the workflow, in Temporal's UI, and of the payable. */
  readonly workflowId: string;
  /** Null for an order. */
  readonly attempt: number | null;
  readonly flow: string | null;
  readonly state: string;
  readonly reason: string | null;
  readonly openedAt: Date;
  readonly deadlineAt: Date | null;
  /** When its workflow, or the sweep, is to act; null where there is nothing to do. */
  readonly dueAt: Date | null;
  /** How often the sweep has acted since then, and when it did last. */
  readonly sweeps: number;
  readonly sweptAt: Date | null;
  /** How often its type failed. */
  readonly typeFailures: number;
  /** Oldest first; the newest {@link TRANSITIONS_SHOWN}. */
  readonly transitions: readonly TransitionView[];
  readonly legs: readonly LegStory[];
  readonly invoices: readonly InvoiceStory[];
  /** What it pays to the outside, oldest first. */
  readonly payments: readonly OutgoingStory[];
  /** Wallets of the payee that were of no use, oldest first. */
  readonly walletTries: readonly WalletTryStory[];
}

export interface OutgoingStory {
  readonly hash: string;
  /** Null for a withdrawal. */
  readonly wallet: string | null;
  readonly state: string;
  readonly amountMsat: Msat;
  readonly maxFeeMsat: Msat;
  /** Once it has succeeded. */
  readonly feeMsat: Msat | null;
  /** At which the payee's HTLC expires at the latest. */
  readonly maxHeight: number | null;
  readonly failure: string | null;
  readonly sends: readonly SendStory[];
  readonly node: OutgoingView;
  /** What the payee's wallet says. Not said: it was not asked, cannot be, or did not answer. */
  readonly atPayee: 'received' | 'not_received' | 'not_said';
}

/** What the node says of a payment that leaves, now. */
export type OutgoingView =
  | {
      readonly answer: 'known';
      readonly state: string;
      /** While HTLCs are in flight: the highest height at which one expires. */
      readonly expiryHeight: number | null;
    }
  | { readonly answer: 'unknown_hash' | 'not_asked' }
  | { readonly answer: 'none'; readonly error: string };

export interface SendStory {
  readonly n: number;
  readonly lease: number;
  readonly process: string;
  readonly sentAt: Date;
  /** Null while it is not known. */
  readonly answer: string | null;
  readonly answeredAt: Date | null;
}

export interface WalletTryStory {
  readonly wallet: string;
  readonly failure: string;
  readonly at: Date;
}

export interface LegStory {
  readonly n: number;
  readonly side: LegSide;
  readonly kind: string;
  readonly asset: Asset;
  /** Name of an account or a system account; null for a conversion. */
  readonly holder: string | null;
  readonly plannedMsat: Msat | null;
  /** Null until it has moved. */
  readonly actualMsat: Msat | null;
}

export interface InvoiceStory {
  readonly hash: string;
  readonly kind: 'ordinary' | 'hold';
  /** Ours: as of the node's last word that was applied. */
  readonly state: string;
  /** Shortened. */
  readonly bolt11: string | null;
  readonly amountMsat: Msat;
  readonly receivedMsat: Msat;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  /** Of the HTLCs that are held: as they were when a payee began to be paid for them, else as the node says now. */
  readonly acceptHeight: number | null;
  readonly expiryHeight: number | null;
  readonly node: NodeView;
}

/** What the node says of an invoice now. `not_asked`: there are too many. */
export type NodeView =
  | { readonly answer: 'known'; readonly state: string; readonly receivedMsat: Msat }
  | { readonly answer: 'unknown_hash' }
  | { readonly answer: 'none'; readonly error: string }
  | { readonly answer: 'not_asked' };

export interface ClaimStory {
  readonly attempt: number | null;
  readonly amountMsat: Msat;
  readonly state: 'open' | 'reserved' | 'collected';
  /** Account name, or the id of the action that it paid. */
  readonly collectedBy: string | null;
  readonly openedAt: Date;
  readonly changedAt: Date;
}

export interface EntryStory {
  readonly key: string;
  readonly at: Date;
  readonly postings: readonly PostingStory[];
}

export interface PostingStory {
  /** Name of an account or a system account. */
  readonly holder: string;
  readonly asset: Asset;
  /** Above 0 where it receives. */
  readonly amountMsat: Msat;
}

/** A row that is still to be delivered to NATS or Temporal, or a call that is still to be made. */
export interface OpenRow {
  readonly kind: 'event' | 'start' | 'wake' | NodeCallKind;
  readonly subject: string;
  /** When it was first to be delivered. */
  readonly since: Date;
  readonly tries: number;
  readonly lastError: string | null;
}

/** The newest ones. */
export const ATTEMPTS_SHOWN = 50;
export const TRANSITIONS_SHOWN = 200;
/** Of legs, entries, claims, invoices and rows of the outbox. */
export const ROWS_SHOWN = 500;
