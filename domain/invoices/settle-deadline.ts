/** Blocks before the first of the held HTLCs expires with which lnd 0.21 gives the money back by itself. */
export const GIVEN_BACK_BLOCKS = 18;

/** What is held, and the chain, both read anew. */
export interface HeldNow {
  /** At which the first of the held HTLCs expires. */
  readonly expiryHeight: number;
  /** Of the chain. */
  readonly height: number;
}

/**
 * Whether held money may still be settled. A node says "settled" before the HTLC is locked in: after the deadline the payer may have the
 * money back by the chain all the same, and it must not be booked. Where the payee was paid for it already, each block is worth a try.
 */
export function maySettle({ expiryHeight, height }: HeldNow, isForwarded: boolean): boolean {
  return expiryHeight - height > (isForwarded ? 0 : GIVEN_BACK_BLOCKS);
}
