const WINDOW_MS = 3_600_000;
const LEAST = 5;

/** Orders that became stuck within an hour of each other: one cause, not many. */
export interface MassStall {
  readonly from: Date;
  readonly to: Date;
  readonly count: number;
}

/** The first hour in which at least five orders passed their threshold, with the crossings that follow within an hour of the one before. */
export function findMassStall(crossings: readonly Date[]): MassStall | undefined {
  const sorted = crossings.toSorted((a, b) => a.getTime() - b.getTime());
  for (let first = 0; first + LEAST <= sorted.length; first += 1) {
    const from = sorted[first];
    const fifth = sorted[first + LEAST - 1];
    if (from === undefined || fifth === undefined) break;
    if (fifth.getTime() - from.getTime() > WINDOW_MS) continue;
    let last = first + LEAST - 1;
    let to = fifth;
    for (let next = sorted[last + 1]; next !== undefined; next = sorted[last + 1]) {
      if (next.getTime() - to.getTime() > WINDOW_MS) break;
      last += 1;
      to = next;
    }
    return { from, to, count: last - first + 1 };
  }
  return undefined;
}
