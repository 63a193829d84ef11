import type { Payment } from '../../domain/actions/plan-payment.js';
import type { AttemptFlow, AttemptState } from '../../domain/actions/machine.js';
import type { InvoiceState } from '../../domain/invoices/machine.js';
import type { Msat } from '../../domain/money.js';
import type { Caller } from '../accounts/caller.js';
import type { IdempotencyKey } from '../idempotency.js';

export interface ActionRef {
  readonly actionId: string;
  readonly attempt: number;
}

/** Over HTTP, or by a workflow that another service started: with a start token, or trusted without one. */
export type OpenedBy = 'http' | 'start_token' | 'trusted_start';

export interface OpenAction {
  /** Chosen by the caller, or created here. */
  readonly id?: string;
  readonly type: string;
  readonly args: unknown;
  readonly payment: Payment;
  /** Opened by a function of ours: also a type that callers cannot open themselves. */
  readonly door?: true;
  /** 1..600; the configured expiry when left out. */
  readonly invoiceExpirySeconds?: number;
  readonly caller: Caller;
  readonly idempotencyKey?: IdempotencyKey;
  /** How it came in; over HTTP when left out. */
  readonly openedBy?: OpenedBy;
  /** Refused where it costs more. */
  readonly maxCostMsat?: bigint;
  /** Of a caller without an account: its network, for limits. Left out where a service opens for somebody. */
  readonly origin?: Buffer;
}

export interface InvoiceView {
  readonly hash: string;
  readonly kind: 'ordinary' | 'hold';
  readonly state: InvoiceState;
  readonly bolt11: string | null;
  readonly amountMsat: Msat;
  readonly expiresAt: Date | null;
}

/** One attempt as its author sees it. */
export interface AttemptView {
  readonly attempt: number;
  readonly flow: AttemptFlow;
  readonly state: AttemptState;
  readonly reason: string | null;
  readonly openedAt: Date;
  readonly changedAt: Date;
  readonly invoice: InvoiceView | null;
}

export interface ActionView {
  readonly id: string;
  readonly type: string;
  readonly actor: string | null;
  readonly args: unknown;
  readonly costMsat: Msat;
  readonly createdAt: Date;
  /** The state of the newest attempt. */
  readonly state: AttemptState;
  /** Ids of what the action created, e.g. `{ itemId: "12" }`; empty before it was performed. */
  readonly result: Readonly<Record<string, string>>;
  readonly retryable: boolean;
  /** Owed to an author without an account, and not collected yet. */
  readonly claimsMsat: Msat;
  /** The newest ones, oldest first; the last one is the current one. */
  readonly attempts: readonly AttemptView[];
}

export interface Opened {
  readonly view: ActionView;
  /** Of an action opened anonymously; the only way in to it. */
  readonly capability?: string;
  readonly replayed: boolean;
}
