import { divide } from '../../../../domain/items/shares.js';
import { type Msat, percentOf, toMsat } from '../../../../domain/money.js';
import type { TerritoryTerms } from '../../../territories/costs.js';
import type { Share } from '../paid-action-type.js';

/** Equal parts of several territories. */
export function equally(): Msat {
  return toMsat(1n);
}

/** The founders' shares of what is paid in their territories, by `weightOf` each; what they do not get is the pool's. */
export function territoryShares(
  amountMsat: Msat,
  territories: readonly TerritoryTerms[],
  weightOf: (territory: TerritoryTerms) => Msat,
): readonly Share[] {
  const parts = divide(
    amountMsat,
    territories.map((to) => ({ to, weight: weightOf(to) })),
  );
  return parts.flatMap(({ to: { name, founder, founderPercent }, amountMsat: part }): Share[] => {
    const share = percentOf(part, founderPercent);
    if (founder === null || share <= 0n) return [];
    const holder = { accountId: founder };
    const revenue = { kind: 'TERRITORY_REVENUE', asset: 'SATS' } as const;
    return [{ ...revenue, holder, amountMsat: share, territory: name }];
  });
}
