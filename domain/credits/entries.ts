import type { Us } from './time.js';

/** Entries of the three messages, in the message's own units. */
export interface GrantEntry {
  readonly address: string;
  readonly amount: bigint;
  readonly expiresUs: Us | null;
  readonly price: string | null;
  readonly bonusAmount: bigint | null;
  readonly txHash: string | null;
  readonly provider: string | null;
  readonly origin: string | null;
  readonly originRef: string | null;
  readonly paymentMethod: string | null;
}

export interface ExpenseEntry {
  readonly address: string;
  readonly amount: bigint;
  readonly price: string | null;
  readonly executionId: string | null;
  readonly nodeId: string | null;
  readonly originRef: string | null;
  readonly count: bigint | null;
  readonly sizeMib: string | null;
}

export interface TransferEntry {
  readonly address: string;
  readonly amount: bigint;
  /** As requested; what was drained may expire sooner. */
  readonly expiresUs: Us | null;
}

/** What a message of ledger `aleph` asks for. */
export type CreditMessage =
  | {
      readonly kind: 'distribution';
      readonly token: string;
      readonly chain: string;
      readonly entries: readonly GrantEntry[];
    }
  | { readonly kind: 'expense'; readonly entries: readonly ExpenseEntry[] }
  | { readonly kind: 'transfer'; readonly entries: readonly TransferEntry[] };

export type MessageKind = CreditMessage['kind'];
