const WINDOW_MS = 3_600_000;
/** Fewer that became stuck together are no stall. */
export const LEAST_STALLED = 5;
/**
 * Of all orders that would have passed their threshold in that time. A hundredth passes it by chance, and what came in over a weekend
 * passes it at the same moment: of hundreds of orders five are no stall.
 */
const LEAST_SHARE = 0.1;

/** Orders that became stuck within an hour of each other: one cause, not many. */
export interface MassStall {
  readonly from: Date;
  readonly to: Date;
  readonly count: number;
}

/**
 * The first hour in which at least five orders passed their threshold, with the crossings that follow within an hour of the one before.
 * `all`: when every order of the status passes it, or would have, had it stayed. A tenth of those must have passed.
 */
export function findMassStall(
  crossings: readonly Date[],
  all: readonly Date[],
): MassStall | undefined {
  const sorted = crossings.toSorted((a, b) => a.getTime() - b.getTime());
  for (let first = 0; first + LEAST_STALLED <= sorted.length; first += 1) {
    const from = sorted[first];
    const fifth = sorted[first + LEAST_STALLED - 1];
    if (from === undefined || fifth === undefined) break;
    if (fifth.getTime() - from.getTime() > WINDOW_MS) continue;
    let last = first + LEAST_STALLED - 1;
    let to = fifth;
    for (let next = sorted[last + 1]; next !== undefined; next = sorted[last + 1]) {
      if (next.getTime() - to.getTime() > WINDOW_MS) break;
      last += 1;
      to = next;
    }
    const stall = { from, to, count: last - first + 1 };
    const began = all.filter((at) => at >= stall.from && at <= stall.to).length;
    if (stall.count >= LEAST_SHARE * began) return stall;
  }
  return undefined;
}
