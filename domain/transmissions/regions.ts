/** A set of regions as bits: region n is `1 << n`. */
export type RegionBits = number;

/** What the satellites cover. Monitored regions have a receiver of ours that confirms reception. */
export const REGIONS = [
  { number: 0, name: 'Galaxy 18', monitored: true },
  { number: 1, name: 'Eutelsat 113', monitored: true },
  { number: 2, name: 'Telstar 11N Africa', monitored: false },
  { number: 3, name: 'Telstar 11N Europe', monitored: false },
  { number: 4, name: 'Telstar 18V C', monitored: true },
  { number: 5, name: 'Telstar 18V Ku', monitored: true },
] as const;

export const REGION_NUMBERS: readonly number[] = REGIONS.map(({ number }) => number);

export function regionsToBits(numbers: readonly number[]): RegionBits {
  return numbers.reduce((bits, number) => bits | (1 << number), 0);
}

/** Ascending. */
export function bitsToRegions(bits: RegionBits): number[] {
  return REGION_NUMBERS.filter((number) => (bits & (1 << number)) !== 0);
}

export const ALL_REGIONS: RegionBits = regionsToBits(REGION_NUMBERS);

export const MONITORED_REGIONS: RegionBits = regionsToBits(
  REGIONS.filter(({ monitored }) => monitored).map(({ number }) => number),
);

export function isMonitored(region: number): boolean {
  return (MONITORED_REGIONS & (1 << region)) !== 0;
}

/** Regions of `ordered` that are not in `confirmed`. */
export function missingRegions(ordered: RegionBits, confirmed: RegionBits): RegionBits {
  return ordered & ~confirmed;
}
