import type { ClientBase } from 'pg';
import { applyAttemptUpdate } from '../actions/flows/apply-attempt-update.js';
import { type ActionSubject, subjectOf, type SubjectRow } from '../actions/attempt-row.js';
import type { ApplyOutcome } from '../context.js';
import { applyOrderUpdate } from '../transmissions/apply-order-update.js';
import type { InvoiceUpdate } from '../invoices/record-update.js';
import type { ChangedBy } from '../transition.js';

/** What an invoice pays for. Never changes. */
export type Payable =
  | { readonly kind: 'attempt'; readonly subject: ActionSubject; readonly attempt: number }
  | { readonly kind: 'order'; readonly orderId: string };

type PayableRow =
  | (SubjectRow & { readonly attempt: number; readonly order_id: null })
  | { readonly attempt: null; readonly order_id: string };

/** Undefined where the invoice is not ours: the node serves others too. */
export async function findPayable(
  tx: ClientBase,
  { hash }: Pick<InvoiceUpdate, 'hash'>,
): Promise<Payable | undefined> {
  const { rows } = await tx.query<PayableRow>(
    `select i.order_id, i.attempt, s.id, s.type, s.actor, s.args, s.cost_msat
     from invoices i left join actions s on s.id = i.action_id where i.hash = $1`,
    [hash],
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  return row.order_id === null
    ? { kind: 'attempt', subject: subjectOf(row), attempt: row.attempt }
    : { kind: 'order', orderId: row.order_id };
}

/**
 * Applies an invoice update in the caller's transaction: any number of callers may bring the same one, in any order, and one of
 * them changes something. Updates are routed by payment hash, never by what is current.
 */
export async function applyInvoiceUpdate(
  tx: ClientBase,
  update: InvoiceUpdate,
  by: ChangedBy = 'other',
): Promise<ApplyOutcome> {
  return applyToPayable(tx, await findPayable(tx, update), update, by);
}

/** {@link applyInvoiceUpdate}, once the payable has been found. */
export function applyToPayable(
  tx: ClientBase,
  payable: Payable | undefined,
  update: InvoiceUpdate,
  by: ChangedBy,
): Promise<ApplyOutcome> {
  switch (payable?.kind) {
    case 'attempt':
      return applyAttemptUpdate(tx, payable.subject, payable.attempt, update, by);
    case 'order':
      return applyOrderUpdate(tx, payable.orderId, update, by);
    case undefined:
      return Promise.resolve('unknown');
  }
}
