import type { Line } from './locked-channel.js';
import { DUE_AT_END, moveOrder } from './move-order.js';
import { releasePayments } from './order-money.js';
import type { OrderRow } from './order-row.js';

/**
 * Ends an order before it was sent: its message is gone, what was paid for it is claimable. Undefined when its state does not
 * allow it. The node still has its invoices: its owner closes them.
 */
export async function closeOrder(
  line: Line,
  orderId: string,
  event: 'cancelled' | 'expired',
  reason?: string,
): Promise<OrderRow | undefined> {
  const closed = await moveOrder(line, orderId, {
    event,
    ...(reason === undefined ? {} : { reason }),
    set: () => ({
      deadline_at: 'null',
      lease_until: 'null',
      due_at: DUE_AT_END,
      ...(event === 'cancelled' ? { cancelled_at: 'clock_timestamp()' } : {}),
    }),
  });
  if (closed === undefined) return undefined;
  await line.tx.query('delete from order_messages where order_id = $1', [orderId]);
  await releasePayments(line.tx, closed);
  return closed;
}
