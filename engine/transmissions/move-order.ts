import type { OrderEvent, OrderState } from '../../domain/transmissions/machine.js';
import { CALL_OVERDUE_SECONDS } from '../../domain/overdue.js';
import { RECHECK_SECONDS } from '../../domain/transmissions/timing.js';
import { transition } from '../transition.js';
import { type LockedChannel, wakeOrder } from './locked-channel.js';
import { ORDERS, type OrderRow } from './order-row.js';

export interface OrderMove {
  readonly event: Exclude<OrderEvent, 'opened'>;
  readonly reason?: string;
  /** Columns set beside the state, as SQL over the row `r`; `param` adds a parameter. */
  readonly set?: (param: (value: unknown) => string) => Readonly<Record<string, string>>;
}

/** One guarded transition of an order on a locked channel; its workflow is woken. Undefined when its state does not allow it. */
export async function moveOrder(
  channel: LockedChannel,
  orderId: string,
  move: OrderMove,
): Promise<OrderRow | undefined> {
  const row = await transition<OrderState, OrderEvent, OrderRow>(channel.tx, ORDERS, {
    key: [orderId],
    ...move,
  });
  if (row !== undefined) await wakeOrder(channel, orderId, move.event);
  return row;
}

/** Columns of an order that waits for its channel: no deadline, and a late recheck in case nothing wakes it. */
export const WAITS_FOR_CHANNEL: Readonly<Record<string, string>> = {
  deadline_at: 'null',
  due_at: `clock_timestamp() + interval '${RECHECK_SECONDS} seconds'`,
};

/** Columns of an order that waits to be sent again, not before its pause is over. */
export const WAITS_TO_BE_SENT_AGAIN: Readonly<Record<string, string>> = {
  retry_wanted: 'true',
  retry_since: 'clock_timestamp()',
  retry_at: `case when r.retry_backoff_seconds > 0 then
    clock_timestamp() + least(r.retry_backoff_seconds * power(2, least(r.retry_count, 30)), 86400) * interval '1 second' end`,
  deadline_at: 'null',
  due_at: `clock_timestamp() + least(${RECHECK_SECONDS}, coalesce(
    nullif(r.retry_backoff_seconds, 0) * power(2, least(r.retry_count, 30)), ${RECHECK_SECONDS})) * interval '1 second'`,
};

/** An order that does not wait to be sent again. */
export const WAITS_NO_MORE: Readonly<Record<string, string>> = {
  retry_wanted: 'false',
  retry_since: 'null',
  retry_at: 'null',
};

/** When the workflow of an order that has ended looks again: when the calls that close its invoices have waited too long, or when
 * those of a gateway, which closes none, have expired; never where it has none. */
export const DUE_AT_END = `case when exists (
    select from invoices i where i.order_id = r.id and (i.state = 'wanted' or i.state = 'open' and i.gateway is null))
  then clock_timestamp() + interval '${CALL_OVERDUE_SECONDS} seconds'
  else (select max(i.expires_at) + interval '2 seconds' from invoices i where i.order_id = r.id and i.state = 'open') end`;
