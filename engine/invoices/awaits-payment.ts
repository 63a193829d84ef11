import type { ClientBase } from 'pg';
import type { PaymentHash } from '../../adapters/lightning/port.js';

/** Whether the invoice may still be paid in time: its payable waits for that, and its deadline has not passed. */
export async function awaitsPayment(
  db: Pick<ClientBase, 'query'>,
  hash: PaymentHash,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `select from invoices i
     where hash = $1 and (
       exists (select from attempts a where a.action_id = i.action_id and a.attempt = i.attempt
         and a.state in ('PENDING', 'PENDING_HELD') and a.deadline_at > clock_timestamp())
       or exists (select from orders o
         where o.id = i.order_id and o.state = 'pending' and o.deadline_at > clock_timestamp()))`,
    [hash],
  );
  return rowCount === 1;
}
