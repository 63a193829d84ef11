import type { Slice } from './drain.js';
import type { Us } from './time.js';

/** One lot of a recipient. */
export interface ReceivedLot {
  readonly amount: bigint;
  readonly expiresUs: Us | null;
}

/** The earlier of two expiries, where null is never. */
export function earlierExpiry(a: Us | null, b: Us | null): Us | null {
  if (a === null || b === null) return a ?? b;
  return a < b ? a : b;
}

/**
 * What a recipient gets for the slices taken from a sender: nobody's credits live longer by being transferred, and neighbouring
 * slices that expire together become one lot.
 */
export function receivedLots(
  slices: readonly Slice[],
  requestedUs: Us | null,
): readonly ReceivedLot[] {
  const lots: ReceivedLot[] = [];
  for (const slice of slices) {
    const expiresUs = earlierExpiry(slice.expiresUs, requestedUs);
    const last = lots.at(-1);
    if (last?.expiresUs === expiresUs) {
      lots[lots.length - 1] = { amount: last.amount + slice.amount, expiresUs };
    } else {
      lots.push({ amount: slice.amount, expiresUs });
    }
  }
  return lots;
}
