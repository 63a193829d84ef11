/** Median and range. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Throws a RangeError if there are no samples. */
export function spreadOf(samples: readonly number[]): Spread {
  if (samples.length === 0) throw new RangeError('no samples');
  const sorted = samples.toSorted((a, b) => a - b);
  return { median: percentile(sorted, 50), min: Math.min(...sorted), max: Math.max(...sorted) };
}

/** Interpolates linearly between the two nearest samples; `percent` from 0 to 100. Throws a RangeError if there are no samples. */
export function percentile(samples: readonly number[], percent: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const place = ((sorted.length - 1) * percent) / 100;
  const below = sorted[Math.floor(place)];
  const above = sorted[Math.ceil(place)];
  if (below === undefined || above === undefined) throw new RangeError('no samples');
  return below + (above - below) * (place - Math.floor(place));
}

/** A ratio per round, because other load affects both values of a round. Rounds without one of the values are left out. */
export function ratios(
  ours: readonly (number | undefined)[],
  floor: readonly (number | undefined)[],
): number[] {
  return ours.flatMap((value, round) => {
    const under = floor[round];
    return value === undefined || under === undefined || under === 0 ? [] : [value / under];
  });
}
