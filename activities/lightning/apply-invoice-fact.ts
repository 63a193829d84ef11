import type { ClientBase } from 'pg';
import { applyAttemptFact } from '../actions/apply-attempt-fact.js';
import type { Engine } from '../engine.js';
import { applyOrderFact } from '../transmissions/apply-order-fact.js';
import type { FactOutcome, HeardFact } from './record-fact.js';

interface InvoiceOwner {
  readonly action_id: string | null;
  readonly attempt: number | null;
  readonly order_id: string | null;
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
  const { rows } = await tx.query<InvoiceOwner>(
    'select action_id, attempt, order_id from invoices where hash = $1',
    [fact.hash],
  );
  const owner = rows[0];
  if (owner === undefined) return 'unknown';
  if (owner.action_id !== null && owner.attempt !== null) {
    const ref = { actionId: owner.action_id, attempt: owner.attempt };
    return applyAttemptFact(tx, ref, fact, by);
  }
  if (owner.order_id !== null) return applyOrderFact(engine, tx, owner.order_id, fact, by);
  return 'unknown';
}
