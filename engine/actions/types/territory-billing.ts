import type { ClientBase } from 'pg';
import { z } from 'zod';
import { readNow } from '../../../db/now.js';
import { insertAct } from '../../territories/acts.js';
import { renewTerritory, reviveTerritory } from '../../territories/apply-paid.js';
import { priceOfPeriod, refuseUnlessDue } from '../../territories/billing-price.js';
import { changeKey } from '../../territories/changing.js';
import { territoryName } from '../../territories/settings.js';
import { lockTerritory, readTerritory } from '../../territories/territory-row.js';
import { tellOnce } from '../../notices/tell.js';
import { forSystem, refuseOtherPrice, TERRITORY_METHODS } from './for-territories.js';
import type { ActionContext, PaidActionType } from './paid-action-type.js';

const args = z.strictObject({ territory: territoryName });
type Args = z.infer<typeof args>;

async function begin(
  tx: ClientBase,
  { actor, args: { territory }, costMsat }: ActionContext<Args>,
): Promise<void> {
  const row = await lockTerritory(tx, territory);
  refuseUnlessDue(row, actor, await readNow(tx));
  refuseOtherPrice(costMsat, priceOfPeriod(row));
}

/** The next period of a territory: from the end of the last one, or from now where it has stopped. */
export const territoryBilling: PaidActionType<Args> = {
  name: 'TERRITORY_BILLING',
  version: 1,
  args,
  anonymous: false,
  paymentMethods: TERRITORY_METHODS,
  tables: ['territory_acts'],

  quote: async (db, { args: { territory } }) =>
    forSystem(priceOfPeriod(await readTerritory(db, territory))),

  keys: (_db, { args: { territory } }) => Promise.resolve([changeKey(territory)]),
  keysFrom: 'performed',
  keysUntil: 'paid',

  async validate(tx, { actor, args: { territory } }) {
    refuseUnlessDue(await readTerritory(tx, territory), actor, await readNow(tx));
  },

  async perform(tx, action) {
    await begin(tx, action);
    await insertAct(tx, 'BILLING', action.args.territory, action);
  },

  onRetry: begin,

  async onPaid(tx, actions) {
    for (const { args: asked } of actions) {
      const row = await lockTerritory(tx, asked.territory);
      if (row.state === 'STOPPED') await reviveTerritory(tx, row, row, await readNow(tx));
      else await renewTerritory(tx, row);
    }
  },

  /** Also where it was renewed by itself, or paid for by another account. */
  async afterPaid(tx, { actionId, args: { territory } }) {
    const { owner, name } = await readTerritory(tx, territory);
    const detail = { territory: name, state: 'ACTIVE' };
    await tellOnce(tx, [
      { account: owner, kind: 'TERRITORY_STATUS', key: `territory/${actionId}`, actionId, detail },
    ]);
  },

  result: `(select jsonb_build_object('territory', name) from territory_acts where action_id = s.id)`,

  describe: ({ territory }) => `next period of territory ${territory}`,
};
