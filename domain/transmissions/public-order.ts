import type { OrderState } from './machine.js';
import { bitsToRegions, type RegionBits } from './regions.js';

export interface OrderView {
  readonly id: string;
  readonly state: OrderState;
  readonly bidMsat: bigint;
  readonly unpaidBidMsat: bigint;
  readonly bidPerByte: number;
  readonly messageSize: number;
  readonly messageDigest: string;
  readonly regions: RegionBits;
  readonly txSeqNum: number | null;
  readonly createdAt: Date;
  readonly cancelledAt: Date | null;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
}

/** An order as the Satellite API shows it: 13 fields, amounts in msat as integers, times in UTC without a zone. */
export interface PublicOrder {
  readonly uuid: string;
  readonly bid: bigint;
  readonly unpaid_bid: bigint;
  readonly bid_per_byte: number;
  readonly message_size: number;
  readonly message_digest: string;
  readonly status: OrderState;
  readonly created_at: string;
  readonly cancelled_at: string | null;
  readonly started_transmission_at: string | null;
  readonly ended_transmission_at: string | null;
  readonly tx_seq_num: number | null;
  readonly regions: readonly number[];
}

/** `regions`: other than the ordered ones in events about a repetition. */
export function publicOrder(order: OrderView, regions: RegionBits = order.regions): PublicOrder {
  return {
    uuid: order.id,
    bid: order.bidMsat,
    unpaid_bid: order.unpaidBidMsat,
    bid_per_byte: order.bidPerByte,
    message_size: order.messageSize,
    message_digest: order.messageDigest,
    status: order.state,
    created_at: order.createdAt.toISOString().slice(0, WHOLE_SECONDS),
    cancelled_at: pythonTime(order.cancelledAt),
    started_transmission_at: pythonTime(order.startedAt),
    ended_transmission_at: pythonTime(order.endedAt),
    tx_seq_num: order.txSeqNum,
    regions: bitsToRegions(regions),
  };
}

/** What an administrator sees besides. */
export interface AdminOrder extends PublicOrder {
  readonly channel: number;
  /** Regions in the order in which they confirmed; presumed ones among them. */
  readonly tx_confirmations: readonly number[];
  readonly rx_confirmations: readonly number[];
  readonly retransmission: {
    readonly last_attempt: string | null;
    readonly retry_count: number;
    /** Regions that have not confirmed, as bits. */
    readonly region_code: RegionBits;
  } | null;
}

const WHOLE_SECONDS = '2026-11-21T05:20:52'.length;

/** Python's isoformat(): six digits of a second, none when they are all zero. */
export function pythonTime(time: Date | null): string | null {
  if (time === null) return null;
  const millis = time.getUTCMilliseconds();
  const seconds = time.toISOString().slice(0, WHOLE_SECONDS);
  return millis === 0 ? seconds : `${seconds}.${String(millis).padStart(3, '0')}000`;
}
