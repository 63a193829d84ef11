import type { ClientBase } from 'pg';
import type { z } from 'zod';
import type { Msat } from '../../../domain/money.js';
import type { Holder } from '../../ledger/post-entry.js';

/** A pool or one of its clients, for reads. */
export type Queryable = Pick<ClientBase, 'query'>;

/** Everything a type may know of the action. How it is paid is not among it. */
export interface ActionContext<Args> {
  readonly actionId: string;
  /** Account id; null for the anonymous. */
  readonly actor: string | null;
  readonly args: Args;
  readonly costMsat: Msat;
}

/** Who gets a share of the cost once it is paid, in credits. */
export interface PayOut {
  readonly kind: string;
  readonly holder: Holder;
  readonly amountMsat: Msat;
}

/**
 * One kind of paid action. To add one is to add one file that implements this and register it in index.ts.
 *
 * Everything runs in the transaction of the state change that it belongs to, on rows that others cannot see until `onPaid`: so
 * an action that is undone was never there. None of them may do anything outside the transaction.
 */
export interface PaidActionType<Args> {
  /** Upper case, as clients name it. */
  readonly name: string;
  readonly args: z.ZodType<Args>;
  /** Whether callers without an account may do it. */
  readonly anonymous: boolean;
  /** Whether it may be performed before it is paid (seen by its author only). */
  readonly optimistic: boolean;
  /** In msat, a whole number of sats, above 0. Called once, at opening. */
  cost(args: Args, actor: string | null): Msat;
  /** Throws Refusal when it is not possible. Called at opening and again before it is performed. */
  validate(tx: ClientBase, action: ActionContext<Args>): Promise<void>;
  /** Writes its rows, hidden from everybody but the author. */
  perform(tx: ClientBase, action: ActionContext<Args>): Promise<void>;
  /** Makes what these actions wrote visible to everybody and counts it. Rows of several of them are locked in one order. */
  onPaid(tx: ClientBase, actions: readonly ActionContext<Args>[]): Promise<void>;
  /** Takes back what perform did, leaving the failure for its author to see. */
  undo(tx: ClientBase, action: ActionContext<Args>): Promise<void>;
  /** Performs again what was undone. */
  onRetry(tx: ClientBase, action: ActionContext<Args>): Promise<void>;
  /** Of each of these actions, shares of the cost; what is left over goes to the pool. They never exceed the cost. */
  payOuts(
    tx: ClientBase,
    actions: readonly ActionContext<Args>[],
  ): Promise<readonly (readonly PayOut[])[]>;
  /** Ids of what it created, for the author: SQL over the action `s` that gives a JSON object of texts, or null. */
  readonly result: string;
  /** For invoices and operators: never personal data, at most 100 characters. */
  describe(args: Args): string;
}
