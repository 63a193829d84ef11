import type { ClientBase } from 'pg';
import { healIncident } from '../incidents/raise.js';
import type { OrderRow } from './order-row.js';

/** The order has left the status, or is gone: it is no longer stuck. What it took in a mass stall says nothing of the usual. */
export async function healStuck(
  tx: ClientBase,
  { store, status, orderId, alertedAt }: OrderRow,
): Promise<void> {
  const of = { store, cause: status, orderIds: [orderId] };
  await healIncident(tx, { ...of, kind: 'order_stuck' });
  if (alertedAt === null) return;
  await tx.query(
    `update store_order_steps set excluded = true
     where store = $1 and order_id = $2 and status = $3 and left_at is not null and exists (
       select from incidents i join incident_orders o on o.incident_id = i.id
       where i.store = $1 and i.kind = 'mass_stall' and i.cause = $3 and i.healed_at is null and o.order_id = $2 and o.healed_at is null)`,
    [store, orderId, status],
  );
  await healIncident(tx, { ...of, kind: 'mass_stall' });
}
