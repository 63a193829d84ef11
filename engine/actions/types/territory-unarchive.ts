import type { ClientBase } from 'pg';
import { z } from 'zod';
import { readNow } from '../../../db/now.js';
import { Refusal } from '../../../domain/refusal.js';
import { insertAct } from '../../territories/acts.js';
import { changeTerritory, reviveTerritory } from '../../territories/apply-paid.js';
import { changeKey } from '../../territories/changing.js';
import { billing, territoryName, territorySettings } from '../../territories/settings.js';
import {
  lockTerritory,
  readTerritory,
  type TerritoryRow,
} from '../../territories/territory-row.js';
import { firstPeriod, TERRITORY_METHODS } from './for-territories.js';
import type { ActionContext, PaidActionType } from './paid-action-type.js';

const args = z.strictObject({ territory: territoryName, billing, ...territorySettings });
type Args = z.infer<typeof args>;

function refuseUnlessStopped({ name, state }: TerritoryRow): void {
  if (state === 'STOPPED') return;
  throw new Refusal('territory.not_stopped', `${name} is ${state}`);
}

async function begin(tx: ClientBase, { args: { territory } }: ActionContext<Args>): Promise<void> {
  refuseUnlessStopped(await lockTerritory(tx, territory));
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

  quote: (db, { actor, args: asked }) => firstPeriod(db, actor, asked),

  keys: (_db, { args: { territory } }) => Promise.resolve([changeKey(territory)]),
  keysFrom: 'performed',
  keysUntil: 'paid',

  async validate(tx, { args: { territory } }) {
    refuseUnlessStopped(await readTerritory(tx, territory));
  },

  async perform(tx, action) {
    await begin(tx, action);
    await insertAct(tx, 'UNARCHIVE', action.args.territory, action);
  },

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
  },

  result: `(select jsonb_build_object('territory', name) from territory_acts where action_id = s.id)`,

  describe: ({ territory }) => `territory ${territory} again`,
};
