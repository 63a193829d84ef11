import type { OrderRow } from './order-row.js';
import type { Line } from './locked-channel.js';

/**
 * Sums its bids again after one of its invoices has changed: `bid` is what was paid, `unpaid_bid` what may still be. An order that
 * is over and has no invoice left to be paid needs nobody any more.
 */
export async function sumBids(line: Line, orderId: string): Promise<OrderRow> {
  const { rows } = await line.tx.query<OrderRow>(
    `update orders set bid_msat = s.paid, unpaid_bid_msat = s.unpaid,
       due_at = case when state = any($2) and s.payable = 0 then null else due_at end
     from (select coalesce(sum(received_msat) filter (where state = 'settled'), 0)::bigint as paid,
                  coalesce(sum(amount_msat) filter (where state in ('wanted', 'open')), 0)::bigint as unpaid,
                  count(*) filter (where state in ('wanted', 'open')) as payable
           from invoices where order_id = $1) s
     where id = $1 returning orders.*`,
    [orderId, STATES_WITHOUT_OWNER],
  );
  const row = rows[0];
  if (row === undefined) throw new Error(`order ${orderId} is locked and gone`);
  return row;
}

const STATES_WITHOUT_OWNER = ['sent', 'received', 'cancelled', 'expired'];
