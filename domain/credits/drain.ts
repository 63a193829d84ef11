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
  /** Of the demand, what no lot was left for. */
  readonly short: bigint;
}

/** Meets demands one after the other from lots that are valid and in the order of draining. */
export function drainLots(lots: readonly Lot[], demands: readonly bigint[]): readonly Drained[] {
  let next = 0;
  let left = lots[0]?.remaining ?? 0n;
  return demands.map((demand) => {
    const slices: Slice[] = [];
    let wanted = demand;
    for (let lot = lots[next]; lot !== undefined && wanted > 0n; lot = lots[next]) {
      const amount = left < wanted ? left : wanted;
      if (amount > 0n) {
        const { ref, index, expiresUs } = lot;
        slices.push({ lot: { ref, index }, expiresUs, amount });
        wanted -= amount;
        left -= amount;
      }
      if (left === 0n) {
        next += 1;
        left = lots[next]?.remaining ?? 0n;
      }
    }
    return { slices, short: wanted };
  });
}
