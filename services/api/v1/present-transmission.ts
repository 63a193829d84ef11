import type { transmissionAnswer, transmissionSummaryAnswer } from '@quittance/sdk/answers';
import type { z } from 'zod';
import type { OrderRow } from '../../../engine/transmissions/order-row.js';
import type { TransmissionView } from '../../../engine/transmissions/read-transmission.js';
import { toTime, toTimeOrNull } from './wire/values.js';

export function summarizeTransmission(order: OrderRow): z.output<typeof transmissionSummaryAnswer> {
  return {
    id: order.id,
    channel: order.channel,
    state: order.state,
    bidMsat: order.bid_msat.toString(),
    unpaidBidMsat: order.unpaid_bid_msat.toString(),
    minBidMsat: order.min_bid_msat.toString(),
    sizeBytes: order.message_size,
    digest: order.message_digest,
    txSeqNum: order.tx_seq_num,
    retransmissions: order.retry_count,
    gaveUp: order.gave_up_at !== null && order.ended_at === null,
    closed: order.closed_at !== null,
    createdAt: toTime(order.created_at),
    startedAt: toTimeOrNull(order.started_at),
    endedAt: toTimeOrNull(order.ended_at),
    cancelledAt: toTimeOrNull(order.cancelled_at),
  };
}

export function presentTransmission({
  order,
  regions,
  invoices,
  owedMsat,
  withdrawals,
}: TransmissionView): z.output<typeof transmissionAnswer> {
  return {
    ...summarizeTransmission(order),
    regions: regions.map(({ sentAt, receivedAt, ...region }) => ({
      ...region,
      sentAt: toTimeOrNull(sentAt),
      receivedAt: toTimeOrNull(receivedAt),
    })),
    invoices: invoices.map(({ amountMsat, receivedMsat, bolt11, state, expiresAt }) => ({
      amountMsat: amountMsat.toString(),
      receivedMsat: receivedMsat.toString(),
      ...{ bolt11, state },
      expiresAt: toTimeOrNull(expiresAt),
    })),
    owedMsat: owedMsat.toString(),
    withdrawals: withdrawals.map(({ amountMsat, maxFeeMsat, feeMsat, openedAt, ...payment }) => ({
      ...payment,
      amountMsat: amountMsat.toString(),
      maxFeeMsat: maxFeeMsat.toString(),
      feeMsat: feeMsat?.toString() ?? null,
      openedAt: toTime(openedAt),
    })),
  };
}
