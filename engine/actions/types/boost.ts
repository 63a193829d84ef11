import { z } from 'zod';
import { ACT_SATS } from '../../../domain/items/limits.js';
import { satsToMsat } from '../../../domain/money.js';
import { findItem, findOpenItem } from '../../items/find-item.js';
import { recordActs } from '../../items/record-acts.js';
import { territoryCosts } from '../../territories/costs.js';
import { insertAct } from './items/insert-act.js';
import { itemId } from './items/post-fields.js';
import { equally, territoryShares } from './items/territory-shares.js';
import type { PaidActionType } from './paid-action-type.js';

const args = z
  .strictObject({ itemId, sats: z.int().min(ACT_SATS.min).max(ACT_SATS.max) })
  .meta({ examples: [{ itemId: '12', sats: 100 }] });
type Args = z.infer<typeof args>;

/** Sats that raise an item's rank: one's own or another's. */
export const boost: PaidActionType<Args> = {
  name: 'BOOST',
  version: 1,
  args,
  anonymous: false,
  paymentMethods: ['credits', 'sats', 'optimistic'],
  policy: { automaticRetry: true },
  tables: ['item_acts'],

  async quote(db, { args: { itemId: id, sats } }) {
    const costMsat = satsToMsat(BigInt(sats));
    const item = await findItem(db, id);
    const territories = await territoryCosts(db, item?.territories ?? []);
    return { costMsat, shares: territoryShares(costMsat, territories, equally) };
  },

  async validate(tx, { actor, args: { itemId: id } }) {
    await findOpenItem(tx, id, actor);
  },

  perform: (tx, action) => insertAct(tx, 'BOOST', action),

  onPaid: (tx, actions) =>
    recordActs(
      tx,
      'boost',
      actions.map(({ actor, costMsat, args: { itemId: id } }) => ({
        ...{ itemId: id, actor, amountMsat: costMsat },
      })),
    ),

  result: `(select jsonb_build_object('itemId', item_id::text) from item_acts where action_id = s.id)`,

  describe: ({ sats }) => `boost of ${sats} sats`,
};
