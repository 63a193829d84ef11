import type { ClientBase } from 'pg';
import { z } from 'zod';
import { readNow } from '../../../db/now.js';
import { PRICES } from '../../../domain/territories/billing.js';
import { Refusal } from '../../../domain/refusal.js';
import { insertAct } from '../../territories/acts.js';
import { changeTerritory, reviveTerritory } from '../../territories/apply-paid.js';
import { refuseWhileChanging } from '../../territories/changing.js';
import { billing, territoryName, territorySettings } from '../../territories/settings.js';
import {
  lockTerritory,
  readTerritory,
  type TerritoryRow,
} from '../../territories/territory-row.js';
import { giveKeysBack } from '../../exclusive-keys.js';
import { beginChange, forSystem, TERRITORY_METHODS } from './for-territories.js';
import { mediaFeeFor } from './media-fee.js';
import { withChildren } from './with-children.js';
import type { ActionContext, PaidActionType } from './paid-action-type.js';

const args = z.strictObject({ territory: territoryName, billing, ...territorySettings });
type Args = z.infer<typeof args>;

function refuseUnlessStopped({ name, state }: TerritoryRow): void {
  if (state === 'STOPPED') return;
  throw new Refusal('territory.not_stopped', `${name} is ${state}`);
}

async function begin(
  tx: ClientBase,
  { actionId, args: { territory } }: ActionContext<Args>,
): Promise<void> {
  refuseUnlessStopped(await beginChange(tx, actionId, territory));
}

/** A territory that has stopped, for whoever pays for it. */
export const territoryUnarchive: PaidActionType<Args> = {
  name: 'TERRITORY_UNARCHIVE',
  version: 1,
  args,
  anonymous: false,
  paymentMethods: TERRITORY_METHODS,
  tables: ['territory_acts'],
  hasChildren: true,

  async quote(db, { actor, args: asked }) {
    const children = await mediaFeeFor(db, { actor, text: asked.description });
    return withChildren(forSystem(PRICES[asked.billing]), children);
  },

  async validate(tx, { actionId, args: { territory } }) {
    refuseUnlessStopped(await readTerritory(tx, territory));
    await refuseWhileChanging(tx, territory, actionId);
  },

  async perform(tx, action) {
    await begin(tx, action);
    await insertAct(tx, 'UNARCHIVE', action.args.territory, action);
  },

  undo: (tx, { actionId }) => giveKeysBack(tx, [actionId]),
  onRetry: begin,

  async onPaid(tx, actions) {
    const now = await readNow(tx);
    for (const { actor, args: asked } of actions) {
      if (actor === null) throw new Error('a territory without an owner');
      const { territory, billing: of, ...settings } = asked;
      const row = await lockTerritory(tx, territory);
      await reviveTerritory(tx, row, { owner: actor, billing: of }, now);
      await changeTerritory(tx, await lockTerritory(tx, territory), settings, false);
    }
    await giveKeysBack(
      tx,
      actions.map(({ actionId }) => actionId),
    );
  },

  result: `(select jsonb_build_object('territory', name) from territory_acts where action_id = s.id)`,

  describe: ({ territory }) => `territory ${territory} again`,
};
