/** The middle value and what lies around it. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Throws when there is nothing to summarise. */
export function spreadOf(samples: readonly number[]): Spread {
  if (samples.length === 0) throw new RangeError('no samples');
  const sorted = samples.toSorted((a, b) => a - b);
  return { median: percentile(sorted, 50), min: Math.min(...sorted), max: Math.max(...sorted) };
}

/** Between the two nearest samples, in proportion; `percent` from 0 to 100. */
export function percentile(samples: readonly number[], percent: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const place = ((sorted.length - 1) * percent) / 100;
  const below = sorted[Math.floor(place)];
  const above = sorted[Math.ceil(place)];
  if (below === undefined || above === undefined) throw new RangeError('no samples');
  return below + (above - below) * (place - Math.floor(place));
}

/** Round by round, since what disturbs one measure disturbs its neighbour; rounds that lack one of them are left out. */
export function ratios(
  ours: readonly (number | undefined)[],
  floor: readonly (number | undefined)[],
): number[] {
  return ours.flatMap((value, round) => {
    const under = floor[round];
    return value === undefined || under === undefined || under === 0 ? [] : [value / under];
  });
}
