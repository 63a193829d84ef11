import { z } from 'zod';
import { readNow } from '../../../db/now.js';
import { insertAct } from '../../territories/acts.js';
import { createTerritory } from '../../territories/apply-paid.js';
import { nameKey } from '../../territories/changing.js';
import { billing, territoryName, territorySettings } from '../../territories/settings.js';
import { firstPeriod, TERRITORY_METHODS } from './for-territories.js';
import type { PaidActionType } from './paid-action-type.js';

const args = z.strictObject({ name: territoryName, billing, ...territorySettings });
type Args = z.infer<typeof args>;

/** A territory that nobody has had. Whoever's money is held first has the name, for ever. */
export const territoryCreate: PaidActionType<Args> = {
  name: 'TERRITORY_CREATE',
  version: 1,
  args,
  anonymous: false,
  paymentMethods: TERRITORY_METHODS,
  tables: ['territory_acts'],
  hasChildren: true,

  quote: (db, { actor, args: asked }) => firstPeriod(db, actor, asked),

  keys: (_db, { args: { name } }) => Promise.resolve([nameKey(name)]),
  keysFrom: 'performed',

  perform: (tx, action) => insertAct(tx, 'CREATE', action.args.name, action),

  async onPaid(tx, actions) {
    const now = await readNow(tx);
    for (const { actionId, actor, args: territory } of actions) {
      if (actor === null) throw new Error('a territory without an owner');
      await createTerritory(tx, { ...territory, owner: actor, actionId }, now);
    }
  },

  result: `(select jsonb_build_object('territory', name) from territory_acts where action_id = s.id)`,

  describe: ({ name }) => `territory ${name}`,
};
