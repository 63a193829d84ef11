import type { ClientBase } from 'pg';
import type { KnownInvoice } from './at-node.js';

/** The invoice of an attempt, where it has one. */
export async function readKnown(
  db: Pick<ClientBase, 'query'>,
  ref: { readonly actionId: string; readonly attempt: number },
): Promise<KnownInvoice | undefined> {
  const { rows } = await db.query<KnownInvoice>(
    'select hash, bolt11 as shown from invoices where action_id = $1 and attempt = $2',
    [ref.actionId, ref.attempt],
  );
  return rows[0];
}
