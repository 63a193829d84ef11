import type { EntryKey, Lot } from './lot.js';
import type { Us } from './time.js';

/** What a debit took from one lot. */
export interface Slice {
  readonly lot: EntryKey;
  readonly expiresUs: Us | null;
  readonly amount: bigint;
}

export interface Drained {
  readonly slices: readonly Slice[];
  /** The part of the debit for which no lot was left. */
  readonly short: bigint;
}

/** Covers debits one after the other from lots that are valid and in drain order. */
export function drainLots(lots: readonly Lot[], debits: readonly bigint[]): readonly Drained[] {
  let next = 0;
  let left = lots[0]?.remaining ?? 0n;
  return debits.map((debit) => {
    const slices: Slice[] = [];
    let short = debit;
    for (let lot = lots[next]; lot !== undefined && short > 0n; lot = lots[next]) {
      const amount = left < short ? left : short;
      if (amount > 0n) {
        const { ref, index, expiresUs } = lot;
        slices.push({ lot: { ref, index }, expiresUs, amount });
        short -= amount;
        left -= amount;
      }
      if (left === 0n) {
        next += 1;
        left = lots[next]?.remaining ?? 0n;
      }
    }
    return { slices, short };
  });
}

/** One lot of a transfer's recipient. */
export interface ReceivedLot {
  readonly amount: bigint;
  readonly expiresUs: Us | null;
}

/**
 * The lots that a recipient gets for the slices drained from a sender. A transfer never extends an expiry. Adjacent slices that
 * expire at the same time become one lot.
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

/** The earlier of two expiries; null is never. */
function earlierExpiry(a: Us | null, b: Us | null): Us | null {
  if (a === null || b === null) return a ?? b;
  return a < b ? a : b;
}
