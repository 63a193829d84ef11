import { orderStart } from '../../../engine/transmissions/order-start.js';
import type { OrderState } from '../../../domain/transmissions/machine.js';
import type { SweptTable } from './swept-table.js';

interface OrderDue {
  readonly id: string;
  readonly channel: number;
  readonly state: OrderState;
  readonly due_at: string;
}

/** Orders have no number: theirs is always 1. */
export const sweptOrders: SweptTable<OrderDue> = {
  workflowType: 'transmissionOrder',
  selectDue: `
    select id, channel, state, due_at::text as due_at
    from orders
    where due_at < now() - $1 * interval '1 second'
      and (due_at, id, 1) > ($3::timestamptz, $4::uuid, $5::integer)
    order by due_at, id limit $2
    for no key update skip locked`,
  postpone: `
    update orders set due_at = clock_timestamp() + $1 * interval '1 second'
    from unnest($2::uuid[], $3::integer[]) as k (id, number)
    where orders.id = k.id`,
  read: ({ id, channel, state, due_at: dueAt }) => ({
    key: [id, 1],
    dueAt,
    start: orderStart({ id, channel, state }, `channel ${channel}, found past its deadline`),
  }),
};
