import { transmissionSubject } from '../../domain/names/subjects.js';
import { publicOrder } from '../../domain/transmissions/public-order.js';
import { enqueueEvent } from '../outbox.js';
import type { Line } from './locked-channel.js';
import { type OrderRow, orderView } from './order-row.js';

/**
 * Tells stations and subscribers: the peer's public order object, and which attempt it is about (1, 2, ..), by which a station
 * tells a repetition from a message delivered twice. `regions` of a repetition are the missing ones only, at its end too.
 */
export async function announceTransmission(
  line: Line,
  what: 'started' | 'ended',
  order: OrderRow,
): Promise<void> {
  const repeated = order.retry_count > 0 ? (order.retry_regions ?? order.regions) : order.regions;
  await enqueueEvent(line.tx, {
    subject: transmissionSubject(line.channel, what),
    orderingKey: `channel/${line.channel}`,
    payload: { ...publicOrder(orderView(order), repeated), attempt: order.retry_count + 1 },
  });
}
