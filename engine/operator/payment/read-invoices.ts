import type { ClientBase } from 'pg';
import type { Head } from './read-head.js';
import { type InvoiceStory, ROWS_SHOWN } from './story.js';

export type StoredInvoice = Omit<InvoiceStory, 'node'> & { readonly payable: string };

/** Of the attempts that are shown, or of an order; the newest first. Invoices are long, and what matters is at both ends. */
export async function readInvoices(
  tx: ClientBase,
  { kind, id, attempts }: Head,
): Promise<StoredInvoice[]> {
  const { rows } = await tx.query<StoredInvoice>(
    `select payable, hash, kind, state, amount_msat as "amountMsat", received_msat as "receivedMsat",
       case when length(bolt11) > 40 then left(bolt11, 24) || '…' || right(bolt11, 8) else bolt11 end as bolt11,
       created_at as "createdAt", expires_at as "expiresAt", accept_height as "acceptHeight", expiry_height as "expiryHeight"
     from invoices where ${kind === 'action' ? 'action_id = $1 and attempt = any($2::integer[])' : 'order_id = $1 and $2::integer[] is not null'}
     order by created_at desc, hash limit $3`,
    [id, attempts.flatMap(({ attempt }) => attempt ?? []), ROWS_SHOWN],
  );
  return rows;
}
