import { type Msat, toMsat } from '../money.js';

/** Of 1500 bytes: 20 are IP's, 8 UDP's, 8 Blocksat's. */
const FRAGMENT_PAYLOAD_BYTES = 1464;
/** MPE's 16, IP's and UDP's 28, Blocksat's 8. */
const FRAGMENT_OVERHEAD_BYTES = 52;

/** Bytes on air ("over the air") of a message of so many bytes. */
export function otaBytes(messageSize: number): number {
  const fragments = Math.ceil(messageSize / FRAGMENT_PAYLOAD_BYTES);
  return messageSize + FRAGMENT_OVERHEAD_BYTES * fragments;
}

export interface BidLimits {
  readonly minBidMsat: bigint;
  readonly minPerByteBidMsat: bigint;
  /** Millionths of a millisatoshi that are added to it. */
  readonly minPerByteBidMicros?: bigint;
}

const MICROS = 1_000_000n;

/** The lowest bid for a message of so many bytes. */
export function minBid(messageSize: number, limits: BidLimits): Msat {
  const perByte = limits.minPerByteBidMsat * MICROS + (limits.minPerByteBidMicros ?? 0n);
  const byBytes = (BigInt(otaBytes(messageSize)) * perByte + MICROS - 1n) / MICROS;
  return toMsat(byBytes > limits.minBidMsat ? byBytes : limits.minBidMsat);
}

/** The peer's clients read amounts as JSON numbers: beyond this they would not be exact. */
export const MAX_BID_MSAT = BigInt(Number.MAX_SAFE_INTEGER);
