import type { Msat } from '../../domain/money.js';
import { PRICES } from '../../domain/territories/billing.js';
import { Refusal } from '../../domain/refusal.js';
import { refuseUnlessOwner, type TerritoryRow } from './territory-row.js';

/** What the next period costs: as it was bought, or as it is today where the territory has stopped meanwhile. */
export function priceOfPeriod({ state, billing, price_msat: price }: TerritoryRow): Msat {
  return state === 'STOPPED' ? PRICES[billing] : price;
}

/** Throws Refusal `territory.not_owner`, or `territory.not_due` before the end of what is paid for. */
export function refuseUnlessDue(row: TerritoryRow, actor: string | null, now: Date): void {
  refuseUnlessOwner(row, actor);
  if (row.paid_until !== null && row.paid_until <= now) return;
  const until = row.paid_until === null ? 'for ever' : `until ${row.paid_until.toISOString()}`;
  throw new Refusal('territory.not_due', `${row.name} is paid ${until}`);
}
