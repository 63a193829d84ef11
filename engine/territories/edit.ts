import type { ClientBase } from 'pg';
import { type Billing, priceOfChange } from '../../domain/territories/billing.js';
import { Refusal } from '../../domain/refusal.js';
import { refuseUnpaidFiles } from '../uploads/media-fee.js';
import { changeTerritory } from './apply-paid.js';
import { refuseWhileChanging } from './changing.js';
import type { TerritoryChanges } from './settings.js';
import { bought, lockTerritory, refuseUnlessOwner, type TerritoryRow } from './territory-row.js';

export interface TerritoryEdit {
  readonly name: string;
  readonly actor: string;
  /** Which state of it is changed. */
  readonly version: number;
  readonly changes: TerritoryChanges & { readonly billing?: Billing };
}

/** Throws Refusal `territory.not_owner`, `territory.stopped`, `territory.changed`. */
export function refuseStale(row: TerritoryRow, actor: string | null, version: number): void {
  refuseUnlessOwner(row, actor);
  if (row.state === 'STOPPED') {
    throw new Refusal('territory.stopped', `${row.name} has stopped: it can be unarchived`);
  }
  if (row.version !== version) {
    throw new Refusal('territory.changed', `${row.name} is at version ${row.version} by now`);
  }
}

/**
 * A change that costs nothing. Throws Refusal `territory.not_found`, `territory.not_owner`, `territory.stopped`, `territory.changed`,
 * `territory.changing`, `territory.for_ever`, `upload.not_found`, or `territory.costs` where it is an action to be paid.
 */
export async function editTerritory(
  tx: ClientBase,
  { name, actor, version, changes }: TerritoryEdit,
): Promise<TerritoryRow> {
  const row = await lockTerritory(tx, name);
  refuseStale(row, actor, version);
  await refuseWhileChanging(tx, row.name);
  const { billing = row.billing } = changes;
  if (row.billing === 'ONCE' && billing !== 'ONCE') {
    throw new Refusal('territory.for_ever', `${row.name} is paid for ever`);
  }
  const price = priceOfChange(bought(row), billing);
  if (price > 0n) {
    throw new Refusal('territory.costs', `this change costs ${price} msat: TERRITORY_UPDATE`);
  }
  await refuseUnpaidFiles(tx, changes.description ?? '');
  await changeTerritory(tx, row, changes, false);
  return lockTerritory(tx, name);
}
