import {
  MONITORED_REGIONS,
  bitsToRegions,
  missingRegions,
  type RegionBits,
} from '../../domain/transmissions/regions.js';
import type { ConfirmationKind } from '../../domain/transmissions/confirmation.js';
import { requestOrderCalls } from '../invoices/request-calls.js';
import { announceTransmission } from './announce-transmission.js';
import type { LockedChannel } from './locked-channel.js';
import { DUE_AT_END, moveOrder, WAITS_NO_MORE } from './move-order.js';
import { earnPayments } from './order-money.js';
import type { OrderRow } from './order-row.js';

/** Announced once per order, when it is sent or received, whichever is first. */
export async function endTransmission(
  channel: LockedChannel,
  order: OrderRow,
  event: 'sent' | 'received' | 'closed',
  reason?: string,
): Promise<void> {
  // Its workflow ended with `sent`.
  if (order.state === 'sent') channel.awake.add(order.id);
  const moved = await moveOrder(channel, order.id, {
    event,
    ...(reason === undefined ? {} : { reason }),
    set: () => ({
      ended_at: 'coalesce(r.ended_at, clock_timestamp())',
      ...WAITS_NO_MORE,
      deadline_at: 'null',
      due_at: DUE_AT_END,
      ...(event === 'closed' ? { closed_at: 'clock_timestamp()' } : {}),
    }),
  });
  if (moved === undefined) return;
  if (order.ended_at === null) await earnPayments(channel.tx, moved);
  await requestOrderCalls(channel.tx, 'cancel_invoice', order.id);
  // Regions without a receiver are presumed to have received what the others have.
  if (event === 'received') {
    await presume(channel, order, 'rx', missingRegions(order.regions, MONITORED_REGIONS));
  }
  if (order.ended_at !== null) return;
  await channel.tx.query('update order_messages set ended_at = $2 where order_id = $1', [
    order.id,
    moved.ended_at,
  ]);
  await announceTransmission(channel, 'ended', moved);
}

/** Confirmations that nobody sent, marked as such. */
export async function presume(
  channel: LockedChannel,
  { id }: Pick<OrderRow, 'id'>,
  kind: ConfirmationKind,
  regions: RegionBits,
): Promise<void> {
  await channel.tx.query(
    `insert into confirmations (order_id, kind, region, presumed)
     select $1, $2, region, true from unnest($3::integer[]) region on conflict do nothing`,
    [id, kind, bitsToRegions(regions)],
  );
}
