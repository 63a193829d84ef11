import type { PaymentHash } from '../../adapters/lightning/port.js';
import type { Msat } from '../../domain/money.js';
import type { EngineContext } from '../context.js';
import { type ActionSubject, subjectOf, type SubjectRow } from './attempt-row.js';
import type { ActionRef } from './contract.js';

/** An invoice that an attempt needs and does not have: what the node is asked for, and what is needed to record it. */
export interface PendingInvoice {
  readonly ref: ActionRef;
  readonly subject: ActionSubject;
  readonly hash: PaymentHash;
  readonly kind: 'ordinary' | 'hold';
  readonly amountMsat: Msat;
  readonly expirySeconds: number;
  readonly memo: string;
}

interface PendingRow extends SubjectRow {
  readonly hash: string;
  readonly kind: 'ordinary' | 'hold';
  readonly amount_msat: Msat;
  readonly expiry_seconds: number;
  readonly memo: string;
}

/** Undefined when the attempt needs no invoice any more. */
export async function findPendingInvoice(
  { pool }: EngineContext,
  ref: ActionRef,
): Promise<PendingInvoice | undefined> {
  const { rows } = await pool.query<PendingRow>(
    `select i.hash, i.kind, i.amount_msat, i.expiry_seconds, i.memo,
       s.id, s.type, s.actor, s.args, s.cost_msat
     from invoices i join attempts a using (action_id, attempt) join actions s on s.id = action_id
     where action_id = $1 and attempt = $2 and a.state = 'INVOICING'`,
    [ref.actionId, ref.attempt],
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  const { hash, kind, amount_msat: amountMsat, expiry_seconds: expirySeconds, memo } = row;
  return { ref, subject: subjectOf(row), hash, kind, amountMsat, expirySeconds, memo };
}
