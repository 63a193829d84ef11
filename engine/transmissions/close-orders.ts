import { type EngineContext, transact } from '../context.js';
import { closeOrderInvoices } from './call-node.js';
import { endTransmission } from './end-transmission.js';
import { lockChannelOf } from './locked-channel.js';

const AT_ONCE = 100;

/** Closes orders that were sent so many days ago and not received: nothing more is waited for. Returns how many. */
export async function closeOldOrders(
  engine: Pick<EngineContext, 'pool' | 'outboxChanged'>,
  days: number,
): Promise<number> {
  const { rows } = await engine.pool.query<{ id: string }>(
    `select id from orders where state = 'sent' and closed_at is null and ended_at < now() - $1 * interval '1 day'
     order by ended_at limit $2`,
    [days, AT_ONCE],
  );
  for (const { id } of rows) {
    await transact(engine, async (tx) => {
      const locked = await lockChannelOf(tx, id, 'other');
      if (locked?.order.state !== 'sent' || locked.order.closed_at !== null) return;
      await endTransmission(locked.channel, locked.order, 'closed', `sent ${days} days ago`);
    });
  }
  return rows.length;
}

/** Closes invoices of a gateway that have expired, whatever their order does meanwhile. Returns of how many orders. */
export async function closeExpiredInvoices(engine: EngineContext): Promise<number> {
  const { rows } = await engine.pool.query<{ orderId: string }>(
    `select distinct order_id as "orderId" from (
       select order_id from invoices where gateway is not null and state = 'open'
         and expires_at < now() - $1 * interval '1 second'
       order by expires_at limit $2) expired`,
    [engine.timers.expiryGraceSeconds, AT_ONCE],
  );
  for (const order of rows) await closeOrderInvoices(engine, order);
  return rows.length;
}
