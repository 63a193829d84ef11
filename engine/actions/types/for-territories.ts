import type { ClientBase } from 'pg';
import type { PaymentMethod } from '../../../domain/actions/plan-payment.js';
import type { Msat } from '../../../domain/money.js';
import { Refusal } from '../../../domain/refusal.js';
import { changeKey } from '../../territories/changing.js';
import { lockTerritory, type TerritoryRow } from '../../territories/territory-row.js';
import { takeKeys } from '../../exclusive-keys.js';
import type { Quote } from './paid-action-type.js';

export const TERRITORY_METHODS: readonly PaymentMethod[] = ['credits', 'sats', 'pessimistic'];

/** What territories cost is ours, all of it. */
export function forSystem(costMsat: Msat): Quote {
  const holder = { system: 'revenue' } as const;
  return { costMsat, shares: [{ kind: 'REVENUE', asset: 'SATS', holder, amountMsat: costMsat }] };
}

/**
 * From now until its action is paid or undone nothing else changes the territory: what is checked when the money is held still holds
 * when it is ours. Throws Refusal `territory.changing`.
 */
export async function beginChange(
  tx: ClientBase,
  actionId: string,
  name: string,
): Promise<TerritoryRow> {
  const detail = `another payment for ${name} is being settled`;
  const taken = { code: 'territory.changing', detail } as const;
  await takeKeys(tx, actionId, [{ key: changeKey(name), taken }]);
  return lockTerritory(tx, name);
}

/** Throws Refusal `territory.changed` where it is not as it was when the price was told. */
export function refuseOtherPrice(costMsat: Msat, today: Msat): void {
  if (costMsat === today) return;
  throw new Refusal('territory.changed', `the price is ${today} msat by now`);
}
