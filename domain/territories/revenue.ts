import { type Msat, percentOf, toMsat } from '../money.js';

/** A territory in which something is paid. */
export interface Sharing {
  readonly name: string;
  /** What of its part is the pool's, 0 to 100. */
  readonly rewardsPercent: number;
  /** Its part of the whole is this of the sum of all: the same for each, or its own cost. */
  readonly weight: bigint;
}

/** Of an amount, what the owner of each territory gets: the floor, so that the rest is the pool's. */
export function revenueOf(
  amountMsat: Msat,
  territories: readonly Sharing[],
): readonly { readonly name: string; readonly amountMsat: Msat }[] {
  const sum = territories.reduce((total, { weight }) => total + weight, 0n);
  if (sum === 0n) return [];
  return territories.map(({ name, rewardsPercent, weight }) => {
    const part = toMsat((amountMsat * weight) / sum);
    return { name, amountMsat: percentOf(part, BigInt(100 - rewardsPercent)) };
  });
}
