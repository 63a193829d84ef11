import type { ClientBase } from 'pg';
import { z } from 'zod';
import { readNow } from '../../../db/now.js';
import { PRICES } from '../../../domain/territories/billing.js';
import { Refusal } from '../../../domain/refusal.js';
import { insertAct } from '../../territories/acts.js';
import { createTerritory } from '../../territories/apply-paid.js';
import { nameKey } from '../../territories/changing.js';
import { billing, territoryName, territorySettings } from '../../territories/settings.js';
import { giveKeysBack, isTakenByOther, takeKeys } from '../../exclusive-keys.js';
import { forSystem, TERRITORY_METHODS } from './for-territories.js';
import { mediaFeeFor } from './media-fee.js';
import { withChildren } from './with-children.js';
import type { ActionContext, PaidActionType, Queryable } from './paid-action-type.js';

const args = z.strictObject({ name: territoryName, billing, ...territorySettings });
type Args = z.infer<typeof args>;

function taken(name: string): { code: 'territory.name_taken'; detail: string } {
  return { code: 'territory.name_taken', detail: `the name ${name} is taken` };
}

/** Also one that is being paid for: whoever's money is held first has the name. */
async function refuseTaken(db: Queryable, actionId: string, name: string): Promise<void> {
  if (!(await isTakenByOther(db, nameKey(name), actionId))) return;
  throw new Refusal('territory.name_taken', taken(name).detail);
}

function takeName(
  tx: ClientBase,
  { actionId, args: { name } }: ActionContext<Args>,
): Promise<void> {
  return takeKeys(tx, actionId, [{ key: nameKey(name), taken: taken(name) }]);
}

/** A territory that nobody has had. */
export const territoryCreate: PaidActionType<Args> = {
  name: 'TERRITORY_CREATE',
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

  validate: (tx, { actionId, args: { name } }) => refuseTaken(tx, actionId, name),

  async perform(tx, action) {
    await takeName(tx, action);
    await insertAct(tx, 'CREATE', action.args.name, action);
  },

  undo: (tx, { actionId }) => giveKeysBack(tx, [actionId]),
  onRetry: takeName,

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
