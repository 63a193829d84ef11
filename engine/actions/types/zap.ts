import { z } from 'zod';
import { ACT_SATS } from '../../../domain/items/limits.js';
import { notReceived, zapReceivers } from '../../../domain/items/shares.js';
import { satsToMsat } from '../../../domain/money.js';
import { Refusal } from '../../../domain/refusal.js';
import { findItem, findOpenItem } from '../../items/find-item.js';
import { recordActs } from '../../items/record-acts.js';
import { readReceived } from '../../notices/received.js';
import { tellMore } from '../../notices/tell.js';
import { territoryCosts } from '../../territories/costs.js';
import { itemId } from './items/post-fields.js';
import { equally, territoryShares } from './items/territory-shares.js';
import type { PaidActionType, Share } from './paid-action-type.js';

const args = z
  .strictObject({ itemId, sats: z.int().min(ACT_SATS.min).max(ACT_SATS.max) })
  .meta({ examples: [{ itemId: '12', sats: 100 }] });
type Args = z.infer<typeof args>;

/** Sats for an item of another author, and for those to whom the author forwards. */
export const zap: PaidActionType<Args> = {
  name: 'ZAP',
  version: 1,
  args,
  anonymous: true,
  paymentMethods: ['p2p', 'credits', 'sats', 'optimistic', 'pessimistic'],
  policy: { automaticRetry: true },
  tables: ['zaps'],

  async quote(db, { args: { itemId: id, sats } }) {
    const costMsat = satsToMsat(BigInt(sats));
    const item = await findItem(db, id);
    if (item === undefined) return { costMsat };
    const toWallet = item.kind !== 'bio' && !item.freebie;
    const received = zapReceivers(costMsat, item.author, item.forwards).map(
      ({ to, amountMsat }): Share => ({
        ...{ kind: 'ZAP', asset: 'CREDITS', holder: { accountId: to }, amountMsat },
        ...(toWallet ? { toWallet } : {}),
      }),
    );
    const territories = await territoryCosts(db, item.territories);
    const founders = territoryShares(notReceived(costMsat), territories, equally);
    return { costMsat, shares: [...received, ...founders] };
  },

  async validate(tx, { actor, args: { itemId: id } }) {
    const item = await findOpenItem(tx, id, actor);
    if (actor === null) return;
    if (item.author === actor) {
      throw new Refusal('item.own', 'an item cannot be zapped by its author');
    }
    if (item.forwards.some(({ accountId }) => accountId === actor)) {
      throw new Refusal('item.forwarded', 'a part of the zap would be your own');
    }
  },

  async perform(tx, { actionId, actor, args: { itemId: id }, costMsat }) {
    await tx.query(
      `insert into zaps (action_id, item_id, actor, amount_msat, state) values ($1, $2, $3, $4, 'PENDING')`,
      [actionId, id, actor, costMsat],
    );
  },

  onPaid: (tx, actions) =>
    recordActs(
      tx,
      'zap',
      actions.map(({ actor, costMsat, args: { itemId: id } }) => ({
        ...{ itemId: id, actor, amountMsat: costMsat },
      })),
    ),

  async afterPaid(tx, { actionId, actor, args: { itemId: id } }) {
    const author = (await findItem(tx, id))?.author;
    const received = await readReceived(tx, actionId, ['ZAP']);
    await tellMore(
      tx,
      received.map(({ account, amountMsat }) => ({
        ...{ account, amountMsat, itemId: id, actionId, by: actor },
        ...(account === author
          ? { kind: 'ZAP', key: `zaps/${id}` }
          : { kind: 'FORWARDED_ZAP', key: `forwarded-zaps/${id}` }),
      })),
    );
  },

  result: `(select jsonb_build_object('itemId', item_id::text) from zaps where action_id = s.id)`,

  describe: ({ sats }) => `zap of ${sats} sats`,
};
