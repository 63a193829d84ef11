import { MAX_MSAT, type Msat, MSAT_PER_SAT, satsToMsat, toMsat } from '../money.js';
import { withdrawalFeeBudget } from './fee-budget.js';

/** Less than this never leaves by itself. */
const LEAST_EXCESS = satsToMsat(100n);
/** Nor does less than this part of the threshold: a tenth. */
const PARTS_OF_THRESHOLD = 10n;

/**
 * What is above the threshold of an account, where it is enough to leave by itself: a tenth of the threshold, and 100 sats. Else
 * undefined.
 */
export function excessOf(balanceMsat: bigint, thresholdMsat: Msat): Msat | undefined {
  const excess = balanceMsat - thresholdMsat;
  const least = leastExcess(thresholdMsat);
  if (excess < least) return undefined;
  return toMsat(excess > MAX_MSAT ? MAX_MSAT : excess);
}

function leastExcess(thresholdMsat: Msat): bigint {
  // A tenth or more, exactly: thresholds need not be multiples of ten.
  const tenth = (thresholdMsat + PARTS_OF_THRESHOLD - 1n) / PARTS_OF_THRESHOLD;
  return tenth > LEAST_EXCESS ? tenth : LEAST_EXCESS;
}

/** The most whole sats that an excess covers together with the most that their fee may be. */
export function amountWithin(excessMsat: Msat): Msat {
  const leastBudget = withdrawalFeeBudget(toMsat(0n));
  const byPercent = (excessMsat * 100n) / 101n;
  const byLeast = excessMsat - leastBudget;
  const most = byLeast < byPercent ? byLeast : byPercent;
  return toMsat(most - (most % MSAT_PER_SAT));
}
