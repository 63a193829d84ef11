import { type Msat, satsToMsat, toMsat } from '../money.js';

const LEAST_BUDGET = satsToMsat(10n);

/** What a withdrawal may cost in routing fees where nobody says otherwise: 1 %, and at least 10 sats. */
export function withdrawalFeeBudget(amountMsat: Msat): Msat {
  const onePercent = amountMsat / 100n;
  return onePercent > LEAST_BUDGET ? toMsat(onePercent) : LEAST_BUDGET;
}

/** What the payee's invoice of a wrapped payment may cost in routing fees: 3 of the 70 parts that it gets. */
export function forwardFeeBudget(payeeMsat: Msat): Msat {
  return toMsat((payeeMsat * 3n) / 70n);
}

/** What became of a budget: what is left of it, or what the fee was above it. */
export function trueUp(
  budgetMsat: Msat,
  feeMsat: Msat,
): { readonly leftMsat: Msat; readonly excessMsat: Msat } {
  const left = budgetMsat - feeMsat;
  return {
    leftMsat: toMsat(left > 0n ? left : 0n),
    excessMsat: toMsat(left < 0n ? -left : 0n),
  };
}
