import { z } from 'zod';
import { ACT_SATS } from '../../../domain/items/limits.js';
import { satsToMsat } from '../../../domain/money.js';
import { Refusal } from '../../../domain/refusal.js';
import { findOpenItem } from '../../items/find-item.js';
import { recordActs } from '../../items/record-acts.js';
import { insertAct } from './items/insert-act.js';
import { itemId } from './items/post-fields.js';
import type { PaidActionType } from './paid-action-type.js';

const args = z
  .strictObject({ itemId, sats: z.int().min(ACT_SATS.min).max(ACT_SATS.max) })
  .meta({ examples: [{ itemId: '12', sats: 100 }] });
type Args = z.infer<typeof args>;

/** Sats against an item: all of them are the pool's. Only who pays them learns of it. */
export const downZap: PaidActionType<Args> = {
  name: 'DOWN_ZAP',
  version: 1,
  args,
  anonymous: false,
  paymentMethods: ['credits', 'sats', 'optimistic'],
  policy: { automaticRetry: true },
  tables: ['item_acts'],

  quote: (_db, { args: { sats } }) => Promise.resolve({ costMsat: satsToMsat(BigInt(sats)) }),

  async validate(tx, { actor, args: { itemId: id } }) {
    const item = await findOpenItem(tx, id, actor);
    if (item.author === actor) throw new Refusal('item.own', 'not against your own item');
  },

  perform: (tx, action) => insertAct(tx, 'DOWN_ZAP', action),

  onPaid: (tx, actions) =>
    recordActs(
      tx,
      'downZap',
      actions.map(({ actor, costMsat, args: { itemId: id } }) => ({
        ...{ itemId: id, actor, amountMsat: costMsat },
      })),
    ),

  result: `(select jsonb_build_object('itemId', item_id::text) from item_acts where action_id = s.id)`,

  describe: ({ sats }) => `down-zap of ${sats} sats`,
};
