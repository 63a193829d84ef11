export interface Interval {
  readonly low: number;
  readonly high: number;
}

const Z_95 = 1.959964;

/** Wilson's 95 % interval of a share; of nothing, anything is possible. */
export function wilsonInterval(hits: number, of: number): Interval {
  if (of === 0) return { low: 0, high: 1 };
  const share = hits / of;
  const spread = 1 + Z_95 ** 2 / of;
  const middle = share + Z_95 ** 2 / (2 * of);
  const half = Z_95 * Math.sqrt((share * (1 - share)) / of + Z_95 ** 2 / (4 * of ** 2));
  return {
    low: Math.max(0, (middle - half) / spread),
    high: Math.min(1, (middle + half) / spread),
  };
}

/**
 * The same for the share that a learned threshold lets through, which has two errors: that of the orders scored, and that of the stays
 * learned from (the share above the k-th of n stays is a Beta variable with about p (1 - p) / n). Their variances add, so it is the
 * interval of 1 / (1 / of + 1 / learnedFrom) orders. Wilson's own counts only the first, and holds the target too seldom after few stays.
 */
export function learnedInterval(hits: number, of: number, learnedFrom: number): Interval {
  if (of === 0 || learnedFrom === 0) return { low: 0, high: 1 };
  const worth = 1 / (1 / of + 1 / learnedFrom);
  return wilsonInterval((hits / of) * worth, worth);
}
