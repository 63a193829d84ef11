import type { ClientBase } from 'pg';
import type { LedgerName, Lot } from '../../domain/credits/lot.js';
import { byEmission, byExpiration, type DrainOrder } from '../../domain/credits/order.js';
import { isoOfUs, type Us } from '../../domain/credits/time.js';

const FIRST_LOTS = 4;
const GROWTH = 8;

/** By drain order, the indexes of credit_lots. */
const ORDER_BY: Readonly<Record<DrainOrder, string>> = {
  emission: 'granted_at, credit_ref, credit_index',
  expiration: 'expires_at, granted_at, credit_ref, credit_index',
};

type LotRow = Lot & { readonly address: string };

/** How much each address needs. */
export type Needs = ReadonlyMap<string, bigint>;

/**
 * The first lots of each address that are valid at the time, in the order of draining: enough for what it needs, or all there
 * are. Reads a few lots and only where these do not do, more.
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
     from unnest($2::text[]) as wanted(address) cross join lateral (
       select * from credit_lots
       where ledger = $1 and address = wanted.address and granted_at <= $3::timestamptz
         and (expires_at is null or expires_at > $3::timestamptz)
       order by ${ORDER_BY[order]} limit $4) l`,
    values: [ledger, addresses, isoOfUs(at), limit],
  });
  const byAddress = new Map<string, Lot[]>();
  for (const { address, ...lot } of rows) {
    const lots = byAddress.get(address);
    if (lots === undefined) byAddress.set(address, [lot]);
    else lots.push(lot);
  }
  const compare = order === 'emission' ? byEmission : byExpiration;
  for (const lots of byAddress.values()) lots.sort(compare);
  return byAddress;
}
