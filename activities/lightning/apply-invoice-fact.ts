import type { ClientBase } from 'pg';
import { applyAttemptFact } from '../actions/apply-attempt-fact.js';
import { type ActionSubject, subjectOf, type SubjectRow } from '../actions/attempt-row.js';
import type { Engine } from '../engine.js';
import { applyOrderFact } from '../transmissions/apply-order-fact.js';
import type { FactOutcome, HeardFact } from './record-fact.js';

/** Whose an invoice is. Never changes. */
export type InvoiceOwner =
  | { readonly kind: 'attempt'; readonly subject: ActionSubject; readonly attempt: number }
  | { readonly kind: 'order'; readonly orderId: string };

type OwnerRow =
  | (SubjectRow & { readonly attempt: number; readonly order_id: null })
  | { readonly attempt: null; readonly order_id: string };

/** Undefined where the invoice is none of ours: the node serves others too. */
export async function findInvoiceOwner(
  tx: ClientBase,
  { hash }: Pick<HeardFact, 'hash'>,
): Promise<InvoiceOwner | undefined> {
  const { rows } = await tx.query<OwnerRow>(
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
 * Applies a fact where it lands, in the caller's transaction: any number of callers may tell the same, in any order, and one of
 * them changes something. Facts route by payment hash, never by what is current.
 */
export async function applyInvoiceFact(
  engine: Engine,
  tx: ClientBase,
  fact: HeardFact,
  by: 'owner' | 'other' = 'other',
): Promise<FactOutcome> {
  return applyToOwner(engine, tx, await findInvoiceOwner(tx, fact), fact, by);
}

/** {@link applyInvoiceFact} where the owner has been found. */
export function applyToOwner(
  engine: Engine,
  tx: ClientBase,
  owner: InvoiceOwner | undefined,
  fact: HeardFact,
  by: 'owner' | 'other',
): Promise<FactOutcome> {
  switch (owner?.kind) {
    case 'attempt':
      return applyAttemptFact(tx, owner.subject, owner.attempt, fact, by);
    case 'order':
      return applyOrderFact(engine, tx, owner.orderId, fact, by);
    case undefined:
      return Promise.resolve('unknown');
  }
}
