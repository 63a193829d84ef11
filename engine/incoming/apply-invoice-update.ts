import type { ClientBase } from 'pg';
import { applyAttemptUpdate } from '../actions/apply-update.js';
import { type AttemptTarget, findTarget } from '../actions/attempt-target.js';
import type { ApplyOutcome, EngineContext } from '../context.js';
import { findInvoice, type OwnedInvoice } from '../invoices/find-invoice.js';
import type { InvoiceUpdate } from '../invoices/record-update.js';
import { applyOrderUpdate } from '../transmissions/apply-order-update.js';
import type { ChangedBy } from '../transition.js';

/** What an invoice pays for, with all of it that does not change. */
export type PaidFor =
  | ({ readonly kind: 'attempt' } & AttemptTarget)
  | { readonly kind: 'order'; readonly orderId: string };

/** Throws UnknownActionType where another release stored it. */
export async function findPayable(
  db: Pick<ClientBase, 'query'>,
  { hash }: Pick<InvoiceUpdate, 'hash'>,
): Promise<PaidFor | undefined> {
  const payable = (await findInvoice(db, hash))?.payable;
  return payable === undefined ? undefined : readPaidFor(db, payable);
}

/** Throws UnknownActionType where another release stored it. */
export async function readPaidFor(
  db: Pick<ClientBase, 'query'>,
  payable: OwnedInvoice['payable'],
): Promise<PaidFor> {
  return 'orderId' in payable
    ? { kind: 'order', ...payable }
    : { kind: 'attempt', ...(await findTarget(db, payable)) };
}

/**
 * Applies an invoice update in the caller's transaction: any number of callers may bring the same one, in any order, and one of
 * them changes something. Updates are routed by payment hash, never by what is current.
 */
export async function applyInvoiceUpdate(
  engine: EngineContext,
  tx: ClientBase,
  update: InvoiceUpdate,
  by: ChangedBy = 'other',
): Promise<ApplyOutcome> {
  return applyToPayable(engine, tx, await findPayable(tx, update), update, by);
}

/** {@link applyInvoiceUpdate}, once the payable has been found. */
export function applyToPayable(
  engine: EngineContext,
  tx: ClientBase,
  payable: PaidFor | undefined,
  update: InvoiceUpdate,
  by: ChangedBy,
): Promise<ApplyOutcome> {
  switch (payable?.kind) {
    case 'attempt':
      return applyAttemptUpdate(engine, tx, payable, update, by);
    case 'order':
      return applyOrderUpdate(tx, payable.orderId, update, by);
    case undefined:
      return Promise.resolve('unknown');
  }
}
