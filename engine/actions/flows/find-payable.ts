import type { PaymentHash } from '../../../adapters/lightning/port.js';
import { type ActionSubject, subjectOf, type SubjectRow } from '../attempt-row.js';
import type { Queryable } from '../types/paid-action-type.js';

/** An attempt, and whose it is. */
export interface AttemptAwaitingPayment {
  readonly subject: ActionSubject;
  readonly attempt: number;
}

/**
 * Of each invoice the attempt that would be paid if it were settled now, and nothing else would have to be done for it; undefined
 * for all others. Read without locks.
 */
export async function findAwaitingPayment(
  db: Queryable,
  hashes: readonly PaymentHash[],
): Promise<(AttemptAwaitingPayment | undefined)[]> {
  const { rows } = await db.query<SubjectRow & { hash: PaymentHash; attempt: number }>(
    `select i.hash, i.attempt, s.id, s.type, s.actor, s.args, s.cost_msat
     from invoices i
     join attempts a on a.action_id = i.action_id and a.attempt = i.attempt
     join actions s on s.id = i.action_id
     where i.hash = any($1::text[]) and a.state in ('PENDING', 'HELD')`,
    [hashes],
  );
  const payable = new Map(
    rows.map((row) => [row.hash, { subject: subjectOf(row), attempt: row.attempt }]),
  );
  return hashes.map((hash) => payable.get(hash));
}
