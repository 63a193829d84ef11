import { transmissionSubject } from '../../domain/names/subjects.js';
import { publicOrder } from '../../domain/transmissions/public-order.js';
import { enqueueEvent } from '../outbox.js';
import type { LockedChannel } from './locked-channel.js';
import { type OrderRow, orderView } from './order-row.js';

/**
 * Publishes the start or end of a transmission: the peer's public order object and the number of the attempt (1, 2, ..), by which a
 * station tells a retransmission from a message delivered twice. `regions` of a retransmission are the missing ones only.
 */
export async function announceTransmission(
  channel: LockedChannel,
  what: 'started' | 'ended',
  order: OrderRow,
): Promise<void> {
  const regions = order.retry_count > 0 ? (order.retry_regions ?? order.regions) : order.regions;
  await enqueueEvent(channel.tx, {
    subject: transmissionSubject(channel.number, what),
    orderingKey: `channel/${channel.number}`,
    payload: {
      ...publicOrder(orderView(order), regions),
      // As numbers: the outbox holds JSON, and its readers parse it as such.
      ...{ bid: Number(order.bid_msat), unpaid_bid: Number(order.unpaid_bid_msat) },
      attempt: order.retry_count + 1,
    },
  });
}
