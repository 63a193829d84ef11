import type { ClientBase } from 'pg';
import type { Msat } from '../../domain/money.js';
import { revenueOf } from '../../domain/territories/revenue.js';
import type { Asset, Holder } from '../ledger/post-entry.js';

/** A share of the cost of an action for the owner of a territory, tagged by it. */
export interface TerritoryShare {
  readonly kind: 'TERRITORY_REVENUE';
  readonly asset: Asset;
  readonly holder: Holder;
  readonly amountMsat: Msat;
  readonly territory: string;
}

interface OwnerRow {
  readonly name: string;
  readonly owner: string;
  readonly rewardsPercent: number;
}

/**
 * What the owners of territories get of `amountMsat`: of a zap what is not the author's, of anything else the whole. Split by
 * `weights` (of a post each territory's own cost), or equally; the owner's part of it is what is not for rewards. In sats. A territory
 * that is stopped has none: the pool has it. `names` are distinct.
 */
export async function territoryShares(
  db: Pick<ClientBase, 'query'>,
  amountMsat: Msat,
  names: readonly string[],
  weights?: readonly bigint[],
): Promise<readonly TerritoryShare[]> {
  const keys = names.map((name) => name.toLowerCase());
  if (keys.length === 0) return [];
  const { rows } = await db.query<OwnerRow>(
    `select name, owner, rewards_percent as "rewardsPercent" from territories
     where name = any($1::text[]) and state <> 'STOPPED'`,
    [keys],
  );
  const found = new Map(rows.map((row) => [row.name, row]));
  const parts = keys.map((name, index) => ({
    name,
    // All of the part of a territory without an owner is the pool's.
    rewardsPercent: found.get(name)?.rewardsPercent ?? 100,
    weight: weights?.[index] ?? 1n,
  }));
  return revenueOf(amountMsat, parts).flatMap(({ name, amountMsat: share }) => {
    const owner = found.get(name)?.owner;
    if (owner === undefined || share === 0n) return [];
    const holder = { accountId: owner };
    return [
      { kind: 'TERRITORY_REVENUE', asset: 'SATS', holder, amountMsat: share, territory: name },
    ];
  });
}
