import type { OrderEvent, OrderState } from '../../domain/transmissions/machine.js';
import { transition } from '../transition.js';
import { type Line, wakeOrder } from './locked-channel.js';
import { ORDERS, type OrderRow } from './order-row.js';

export interface OrderMove {
  readonly event: Exclude<OrderEvent, 'opened'>;
  readonly reason?: string;
  /** Columns set beside the state, as SQL over the row `r`; `param` adds a parameter. */
  readonly set?: (param: (value: unknown) => string) => Readonly<Record<string, string>>;
}

/** One guarded step of an order on a locked line; its owner is woken. Undefined when its state did not allow it. */
export async function moveOrder(
  line: Line,
  orderId: string,
  move: OrderMove,
): Promise<OrderRow | undefined> {
  const row = await transition<OrderState, OrderEvent, OrderRow>(line.tx, ORDERS, {
    key: [orderId],
    ...move,
  });
  if (row !== undefined) await wakeOrder(line, orderId);
  return row;
}

/** When its owner is to look again after the end: at once while the node may still take money for it, else never. */
export const DUE_AT_END = `case when exists (
  select from invoices i where i.order_id = r.id and i.state in ('wanted', 'open')) then clock_timestamp() end`;
