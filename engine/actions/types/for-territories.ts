import type { PaymentMethod } from '../../../domain/actions/plan-payment.js';
import type { Msat } from '../../../domain/money.js';
import { Refusal } from '../../../domain/refusal.js';
import { type Billing, PRICES } from '../../../domain/territories/billing.js';
import { mediaFeeFor } from './media-fee.js';
import type { Queryable, Quote } from './paid-action-type.js';
import { withChildren } from './with-children.js';

export const TERRITORY_METHODS: readonly PaymentMethod[] = ['credits', 'sats', 'pessimistic'];

/** What territories cost is ours, all of it. */
export function forSystem(costMsat: Msat): Quote {
  const holder = { system: 'revenue' } as const;
  return { costMsat, shares: [{ kind: 'REVENUE', asset: 'SATS', holder, amountMsat: costMsat }] };
}

/** A first period, with the files that the description shows. */
export async function firstPeriod(
  db: Queryable,
  actor: string | null,
  asked: { readonly billing: Billing; readonly description: string },
): Promise<Quote> {
  const children = await mediaFeeFor(db, { actor, text: asked.description });
  return withChildren(forSystem(PRICES[asked.billing]), children);
}

/** Throws Refusal `territory.changed` where it is not as it was when the price was told. */
export function refuseOtherPrice(costMsat: Msat, today: Msat): void {
  if (costMsat === today) return;
  throw new Refusal('territory.changed', `the price is ${today} msat by now`);
}
