import type { ClientBase } from 'pg';
import type { PaymentHash } from '../../adapters/lightning/port.js';
import { callRow, enqueue } from '../outbox.js';

/**
 * Something was heard of an invoice that does not count by itself, such as a message that is not believed: the node is asked. False
 * where the invoice is not ours, was never shown, or is over.
 */
export async function askInvoiceSoon(tx: ClientBase, hash: PaymentHash): Promise<boolean> {
  const { rowCount } = await tx.query(
    `select from invoices where hash = $1 and state in ('open', 'held') and bolt11 is not null`,
    [hash],
  );
  if (rowCount === 0) return false;
  await enqueue(tx, [callRow('look_up_invoice', hash)]);
  return true;
}
