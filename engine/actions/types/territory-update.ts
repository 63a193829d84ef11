import type { ClientBase } from 'pg';
import { z } from 'zod';
import { priceOfChange } from '../../../domain/territories/billing.js';
import { subtractMsat } from '../../../domain/money.js';
import { Refusal } from '../../../domain/refusal.js';
import { insertAct } from '../../territories/acts.js';
import { changeTerritory } from '../../territories/apply-paid.js';
import { changeKey } from '../../territories/changing.js';
import { refuseStale } from '../../territories/edit.js';
import { billing, territoryChanges, territoryName } from '../../territories/settings.js';
import {
  bought,
  lockTerritory,
  readTerritory,
  type TerritoryRow,
} from '../../territories/territory-row.js';
import { readMediaCost } from '../../uploads/media-fee.js';
import { forSystem, refuseOtherPrice, TERRITORY_METHODS } from './for-territories.js';
import { mediaFeeFor } from './media-fee.js';
import { withChildren } from './with-children.js';
import type { ActionContext, PaidActionType } from './paid-action-type.js';

const args = z.strictObject({
  territory: territoryName,
  /** Which state of it is changed: refused where it has changed since. */
  version: z.int().min(1),
  billing,
  ...territoryChanges,
});
type Args = z.infer<typeof args>;

async function begin(tx: ClientBase, action: ActionContext<Args>): Promise<TerritoryRow> {
  const { actionId, actor, args: asked } = action;
  const costMsat = subtractMsat(action.costMsat, await readMediaCost(tx, actionId));
  const row = await lockTerritory(tx, asked.territory);
  refuseStale(row, actor, asked.version);
  refuseOtherPrice(costMsat, priceOfChange(bought(row), asked.billing));
  return row;
}

/** Another billing that costs more than what was bought. A change that costs nothing is not an action. */
export const territoryUpdate: PaidActionType<Args> = {
  name: 'TERRITORY_UPDATE',
  version: 1,
  args,
  anonymous: false,
  paymentMethods: TERRITORY_METHODS,
  tables: ['territory_acts'],
  hasChildren: true,

  async quote(db, { actor, args: asked }) {
    const row = await readTerritory(db, asked.territory);
    const costMsat = priceOfChange(bought(row), asked.billing);
    const { description: text = '' } = asked;
    if (costMsat > 0n) {
      return withChildren(forSystem(costMsat), await mediaFeeFor(db, { actor, text }));
    }
    throw new Refusal('territory.free_change', 'this change costs nothing: PATCH the territory');
  },

  keys: (_db, { args: { territory } }) => Promise.resolve([changeKey(territory)]),
  keysFrom: 'performed',
  keysUntil: 'paid',

  async validate(tx, { actor, args: { territory, version } }) {
    refuseStale(await readTerritory(tx, territory), actor, version);
  },

  async perform(tx, action) {
    await begin(tx, action);
    await insertAct(tx, 'UPDATE', action.args.territory, action);
  },

  async onRetry(tx, action) {
    await begin(tx, action);
  },

  async onPaid(tx, actions) {
    for (const { args: asked } of actions) {
      await changeTerritory(tx, await lockTerritory(tx, asked.territory), asked, true);
    }
  },

  result: `(select jsonb_build_object('territory', name) from territory_acts where action_id = s.id)`,

  describe: ({ territory }) => `change of territory ${territory}`,
};
