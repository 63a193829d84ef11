import type { ClientBase } from 'pg';
import type { PaymentHash } from '../../adapters/lightning/port.js';
import { callRow, enqueue } from '../outbox.js';

/**
 * Something was heard of a payment that does not count by itself, such as a failure: the node is asked soon, by the rules of sends. False
 * where the payment is not ours, or over.
 */
export async function askSoon(tx: ClientBase, hash: PaymentHash): Promise<boolean> {
  const { rowCount } = await tx.query(
    `select from payments where hash = $1 and state = 'open' and exists (select from sends where hash = $1)`,
    [hash],
  );
  if (rowCount === 0) return false;
  await enqueue(tx, [callRow('send_payment', hash)]);
  await tx.query(
    `update outbox set available_at = clock_timestamp()
     where destination = 'node' and kind = 'send_payment' and subject = $1 and published_at is null
       and available_at > clock_timestamp()`,
    [hash],
  );
  return true;
}
