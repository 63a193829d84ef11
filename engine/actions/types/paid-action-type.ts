import type { ClientBase } from 'pg';
import type { z } from 'zod';
import type { PaymentMethod } from '../../../domain/actions/plan-payment.js';
import type { Msat } from '../../../domain/money.js';
import type { ExclusiveKey } from '../../exclusive-keys.js';
import type { LegTags } from '../../ledger/legs.js';
import type { Asset, Holder } from '../../ledger/post-entry.js';

/** A pool or one of its clients, for reads. */
export type Queryable = Pick<ClientBase, 'query'>;

/** Everything a type may know of the action. How it is paid is not among it. */
export interface ActionContext<Args> {
  readonly actionId: string;
  /** Account id; null for the anonymous. */
  readonly actor: string | null;
  readonly args: Args;
  /** As quoted, in msat. */
  readonly costMsat: Msat;
}

/** What effects know of the installation. */
export interface Site {
  /** Where its pages are: links that begin so are its own. */
  readonly url: string;
}

/** What of the cost goes to whom once it is paid, in msat above 0. docs/payments.md says which share is in which asset. */
export interface Share extends LegTags {
  /** Upper case, like `ZAP`. */
  readonly kind: string;
  readonly asset: Asset;
  readonly holder: Holder;
  readonly amountMsat: Msat;
  /** Paid to a wallet of the holder where it has one and the type may be paid so; the first such share is. */
  readonly toWallet?: true;
}

export interface Quote {
  /** In msat, a whole number of sats. 0: it is free for this account, performed and paid at once. */
  readonly costMsat: Msat;
  /** Frozen with the quote; they never exceed the cost, and what is left over goes to the pool. */
  readonly shares?: readonly Share[];
  /** Actions that are paid together with it. Their costs are part of its cost. */
  readonly children?: readonly Child[];
}

/** An action without attempts of its own: it is performed, paid and undone with its parent. */
export interface Child {
  readonly type: string;
  readonly args: unknown;
  readonly costMsat: Msat;
  /** As those of a {@link Quote}; what is left over goes to the pool. */
  readonly shares?: readonly Share[];
}

/** What a type says about failed attempts. */
export interface Policy {
  /** Whether its author may try again. Default: yes. */
  readonly retry?: boolean;
  /** What fails is tried again by the system for accounts that want it. Default: only by its author. */
  readonly automaticRetry?: true;
  /** The balance is used only where the caller asks for it (payment `credits`). Default: wherever it may pay. */
  readonly balanceOnRequest?: true;
}

/** A row that onPaid changes and others may change too. Items are deleted and changed by others under the same lock. */
export interface LockedRow {
  readonly table: 'items';
  readonly id: string;
}

/**
 * One kind of paid action. To add one is to add one file that implements this and register it in index.ts.
 *
 * Every hook runs in the transaction of the state change that it belongs to. What `perform` writes has the state PENDING until the
 * engine makes it PAID or FAILED, and nobody but the author sees it before it is PAID: an action that is undone was never there.
 * No hook may do anything outside its transaction; a hook that throws, whatever it throws, has done nothing.
 */
export interface PaidActionType<Args> {
  /** Upper case, as clients name it. */
  readonly name: string;
  /** What callers may send, under `version`. To change it is to raise the version and say in `earlier` how stored ones are read. */
  readonly args: z.ZodType<Args>;
  readonly version: number;
  /** Reads arguments that were stored under an earlier version. Never refuses. */
  readonly earlier?: Readonly<Record<number, (stored: unknown) => Args>>;
  /** Whether callers without an account may do it. */
  readonly anonymous: boolean;
  /** In the order of preference. `optimistic`: it may be performed before it is paid. */
  readonly paymentMethods: readonly PaymentMethod[];
  readonly policy?: Policy;
  /** Its quote may have children. */
  readonly hasChildren?: true;
  /** Tables with `action_id` and `state` (PENDING, PAID, FAILED), in which the engine changes the state of what was performed. */
  readonly tables: readonly string[];
  /** Price and shares. Called once, at opening. Throws Refusal. */
  quote(db: Queryable, action: Omit<ActionContext<Args>, 'costMsat'>): Promise<Quote>;
  /** Rows to be locked before {@link onPaid}, for many actions in one order. */
  locks?(action: ActionContext<Args>): readonly LockedRow[];
  /** Claimed when an attempt is opened and when it is performed, given up when it fails. */
  keys?(
    db: Queryable,
    action: Pick<ActionContext<Args>, 'actor' | 'args'>,
  ): Promise<readonly ExclusiveKey[]>;
  /** `performed`: keys are not claimed before. Of several that are being paid for, the first whose money is there has them. */
  readonly keysFrom?: 'performed';
  /** `paid`: keys are given up when it is paid, too. */
  readonly keysUntil?: 'paid';
  /** Throws Refusal when it is not possible. Called at opening and again before it is performed. */
  validate?(tx: ClientBase, action: Omit<ActionContext<Args>, 'costMsat'>): Promise<void>;
  /** Writes its rows, in the state PENDING. */
  perform?(tx: ClientBase, action: ActionContext<Args>): Promise<void>;
  /** What follows from being paid beside the state of its rows, such as counters. For as many actions as were paid together. */
  onPaid?(tx: ClientBase, actions: readonly ActionContext<Args>[]): Promise<void>;
  /**
   * What is done after it was paid, once, in a transaction of its own: who is told, what begins. Tried again until it succeeds; the
   * payment does not wait for it. It reads what is there by then: what it wrote may have been changed or deleted since.
   */
  afterPaid?(tx: ClientBase, action: ActionContext<Args>, site: Site): Promise<void>;
  /** The same, after an attempt has failed for good. For types that are not tried again. */
  afterFailed?(tx: ClientBase, action: ActionContext<Args>, site: Site): Promise<void>;
  /** What follows from failing beside the state of its rows. */
  undo?(tx: ClientBase, action: ActionContext<Args>): Promise<void>;
  /** What has to be done before an action is performed again that was undone; by default its rows become PENDING again. */
  onRetry?(tx: ClientBase, action: ActionContext<Args>): Promise<void>;
  /** Ids of what it created, for the author: SQL over the action `s` that gives a JSON object of texts, or null. */
  readonly result?: string;
  /** Of a share that is paid to a wallet, the most that routing may cost. Default: 3 of the 70 parts that it is. */
  forwardFeeMsat?(payeeMsat: Msat, costMsat: Msat): Msat;
  /** SHA-256, hex, of what the payer was shown: in place of a description on the invoice that wraps a payee's. */
  descriptionHash?(args: Args): string;
  /** For invoices and operators: never personal data, at most 100 characters. Default: the name. */
  describe?(args: Args): string;
}
