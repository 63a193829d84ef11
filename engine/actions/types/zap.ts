import { z } from 'zod';
import { percentOf, satsToMsat } from '../../../domain/money.js';
import { Refusal } from '../../../domain/refusal.js';
import type { PaidActionType, Queryable } from './paid-action-type.js';

/** The author's share; the rest is the pool's. */
const AUTHOR_PERCENT = 70n;
const MAX_SATS = 1_000_000;

const args = z.strictObject({
  itemId: z.string().regex(/^[1-9][0-9]{0,17}$/, 'must be the id of an item'),
  sats: z.number().int().min(1).max(MAX_SATS),
});
type Args = z.infer<typeof args>;

interface ItemRow {
  readonly author: string | null;
  readonly state: string;
}

async function findItem(db: Queryable, itemId: string): Promise<ItemRow | undefined> {
  const { rows } = await db.query<ItemRow>('select author, state from items where id = $1', [
    itemId,
  ]);
  return rows[0];
}

/** Sats for an item of another author. */
export const zap: PaidActionType<Args> = {
  name: 'ZAP',
  version: 1,
  args,
  anonymous: true,
  paymentMethods: ['p2p', 'credits', 'sats', 'optimistic', 'pessimistic'],
  tables: ['zaps'],

  async quote(db, { args: { itemId, sats } }) {
    const costMsat = satsToMsat(BigInt(sats));
    const author = (await findItem(db, itemId))?.author ?? null;
    if (author === null) return { costMsat };
    const amountMsat = percentOf(costMsat, AUTHOR_PERCENT);
    const holder = { accountId: author };
    return {
      costMsat,
      shares: [{ kind: 'ZAP', asset: 'CREDITS', holder, amountMsat, toWallet: true }],
    };
  },

  async validate(tx, { actor, args: { itemId } }) {
    const item = await findItem(tx, itemId);
    // The answer must not reveal an unpaid item to those who may not see it; nobody without an account is its author.
    const mayKnow = item?.state === 'PAID' || (actor !== null && item?.author === actor);
    if (item === undefined || !mayKnow) {
      throw new Refusal('item.not_found', `there is no item ${itemId}`);
    }
    if (actor !== null && item.author === actor) {
      throw new Refusal('item.own', 'an item cannot be zapped by its author');
    }
    if (item.state !== 'PAID') throw new Refusal('item.unpaid', `item ${itemId} is not paid`);
  },

  async perform(tx, { actionId, actor, args: { itemId }, costMsat }) {
    await tx.query(
      `insert into zaps (action_id, item_id, actor, amount_msat, state) values ($1, $2, $3, $4, 'PENDING')`,
      [actionId, itemId, actor, costMsat],
    );
  },

  locks: ({ args: { itemId } }) => [{ table: 'items', id: itemId }],

  async onPaid(tx, actions) {
    const items = await tx.query(
      `update items i set zaps = i.zaps + z.zaps, zapped_msat = i.zapped_msat + z.msat
       from (
         select item_id, count(*) as zaps, sum(msat)::bigint as msat
         from unnest($1::bigint[], $2::bigint[]) as z(item_id, msat) group by item_id) z
       where i.id = z.item_id and i.state = 'PAID'`,
      [actions.map(({ args: { itemId } }) => itemId), actions.map(({ costMsat }) => costMsat)],
    );
    // Gone since the zap was opened: its payer gets the money back.
    const zapped = new Set(actions.map(({ args: { itemId } }) => itemId));
    if (items.rowCount !== zapped.size) {
      throw new Refusal('item.not_found', 'an item that is zapped is gone');
    }
  },

  result: `(select jsonb_build_object('itemId', item_id::text) from zaps where action_id = s.id)`,

  describe: ({ sats }) => `zap of ${sats} sats`,
};
