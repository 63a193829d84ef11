import { addMsat, type Msat, percentOf, toMsat } from '../money.js';

/** Of a zap, those who receive it together. */
const RECEIVERS_PERCENT = 70n;

export interface Forward {
  readonly accountId: string;
  /** 1 to 100; of several together at most 100. */
  readonly percent: number;
}

export interface Part<To> {
  readonly to: To;
  readonly amountMsat: Msat;
}

/**
 * Of a zap: the forwards their percentages of the receivers' 70 %, the author what is not forwarded; the largest first. Each rounded
 * down: the rest is not here.
 */
export function zapReceivers(
  costMsat: Msat,
  author: string | null,
  forwards: readonly Forward[],
): readonly Part<string>[] {
  const all = percentOf(costMsat, RECEIVERS_PERCENT);
  const kept = 100 - forwards.reduce((sum, { percent }) => sum + percent, 0);
  return [...forwards, ...(author === null ? [] : [{ accountId: author, percent: kept }])]
    .map(({ accountId: to, percent }) => ({ to, amountMsat: percentOf(all, BigInt(percent)) }))
    .filter(({ amountMsat }) => amountMsat > 0n)
    .sort((a, b) => (a.amountMsat < b.amountMsat ? 1 : a.amountMsat > b.amountMsat ? -1 : 0));
}

/** What of a zap is not its receivers'. */
export function notReceived(costMsat: Msat): Msat {
  return toMsat(costMsat - percentOf(costMsat, RECEIVERS_PERCENT));
}

/** An amount in proportion to weights, each part rounded down. */
export function divide<To>(
  amountMsat: Msat,
  parts: readonly { readonly to: To; readonly weight: Msat }[],
): readonly Part<To>[] {
  const sum = addMsat(...parts.map(({ weight }) => weight));
  if (sum === 0n) return [];
  return parts.map(({ to, weight }) => ({ to, amountMsat: toMsat((amountMsat * weight) / sum) }));
}
