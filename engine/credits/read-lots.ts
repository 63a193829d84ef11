import type { ClientBase } from 'pg';
import type { LedgerName, Lot } from '../../domain/credits/lot.js';
import { byEmission, byExpiration } from '../../domain/credits/order.js';
import type { DrainOrder } from '../../domain/credits/drain-policy.js';
import { isoOfUs, type Us } from '../../domain/credits/time.js';
import { groupBy } from '../../domain/group-by.js';

const FIRST_LOTS = 4;
const GROWTH = 8;

/** The columns of the indexes of credit_lots, by drain order. */
const ORDER_BY: Readonly<Record<DrainOrder, string>> = {
  emission: 'granted_at, credit_ref, credit_index',
  expiration: 'expires_at, granted_at, credit_ref, credit_index',
};

type LotRow = Lot & { readonly address: string };

/** The amount to cover, by address. */
export type Needs = ReadonlyMap<string, bigint>;

/**
 * The first lots of each address that are valid at the instant, in drain order: as many as cover the amount, or all. Reads a few
 * lots first, and more only where these do not suffice.
 */
export async function readNeededLots(
  tx: ClientBase,
  ledger: LedgerName,
  needs: Needs,
  at: Us,
  order: DrainOrder,
): Promise<ReadonlyMap<string, readonly Lot[]>> {
  const found = new Map<string, readonly Lot[]>();
  let open = [...needs.keys()];
  for (let limit = FIRST_LOTS; open.length > 0; limit *= GROWTH) {
    const lots = await readFirstLots(tx, ledger, open, at, order, limit);
    for (const address of open) found.set(address, lots.get(address) ?? []);
    open = open.filter((address) => {
      const ofAddress = found.get(address) ?? [];
      const sum = ofAddress.reduce((total, { remaining }) => total + remaining, 0n);
      return ofAddress.length === limit && sum < (needs.get(address) ?? 0n);
    });
  }
  return found;
}

async function readFirstLots(
  tx: ClientBase,
  ledger: LedgerName,
  addresses: readonly string[],
  at: Us,
  order: DrainOrder,
  limit: number,
): Promise<ReadonlyMap<string, Lot[]>> {
  const { rows } = await tx.query<LotRow>({
    name: `credits-lots-${order}`,
    text: `select l.address, l.credit_ref as ref, l.credit_index as index, to_us(l.granted_at) as "grantedUs",
       to_us(l.expires_at) as "expiresUs", l.remaining
     from unnest($2::text[]) as requested(address) cross join lateral (
       select * from credit_lots
       where ledger = $1 and address = requested.address and granted_at <= $3::timestamptz
         and (expires_at is null or expires_at > $3::timestamptz)
       order by ${ORDER_BY[order]} limit $4) l`,
    values: [ledger, addresses, isoOfUs(at), limit],
  });
  const byAddress = groupBy(rows, ({ address }) => address);
  const compare = order === 'emission' ? byEmission : byExpiration;
  for (const lots of byAddress.values()) lots.sort(compare);
  return byAddress;
}
