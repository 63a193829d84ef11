import type { ClientBase } from 'pg';
import { z } from 'zod';
import { percentOf, satsToMsat } from '../../../domain/money.js';
import { Refusal } from '../../../domain/refusal.js';
import type { PaidActionType } from './paid-action-type.js';

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

async function findItem(tx: ClientBase, itemId: string): Promise<ItemRow | undefined> {
  const { rows } = await tx.query<ItemRow>('select author, state from items where id = $1', [
    itemId,
  ]);
  return rows[0];
}

/** Sats for an item of another author. */
export const zap: PaidActionType<Args> = {
  name: 'ZAP',
  args,
  anonymous: true,
  optimistic: true,

  cost: ({ sats }) => satsToMsat(BigInt(sats)),

  async validate(tx, { actor, args: { itemId } }) {
    const item = await findItem(tx, itemId);
    // The answer must not reveal an unpaid item to those who may not see it.
    if (item === undefined || (item.state !== 'PAID' && item.author !== actor)) {
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

  async onPaid(tx, actions) {
    await tx.query(
      `with paid as (update zaps set state = 'PAID' where action_id = any($1::uuid[])),
       zapped as (
         select item_id, count(*) as zaps, sum(msat)::bigint as msat
         from unnest($2::bigint[], $3::bigint[]) as z(item_id, msat) group by item_id),
       locked as materialized (
         select i.id from items i join zapped z on z.item_id = i.id order by i.id for no key update of i)
       update items i set zaps = i.zaps + z.zaps, zapped_msat = i.zapped_msat + z.msat
       from zapped z join locked l on l.id = z.item_id where i.id = l.id`,
      [
        actions.map(({ actionId }) => actionId),
        actions.map(({ args: { itemId } }) => itemId),
        actions.map(({ costMsat }) => costMsat),
      ],
    );
  },

  async undo(tx, { actionId }) {
    await tx.query(`update zaps set state = 'FAILED' where action_id = $1`, [actionId]);
  },

  async onRetry(tx, { actionId }) {
    await tx.query(`update zaps set state = 'PENDING' where action_id = $1`, [actionId]);
  },

  async payOuts(tx, actions) {
    const { rows } = await tx.query<{ id: bigint; author: string | null }>(
      'select id, author from items where id = any($1::bigint[])',
      [actions.map(({ args: { itemId } }) => itemId)],
    );
    const authors = new Map(rows.map(({ id, author }) => [id.toString(), author]));
    return actions.map(({ args: { itemId }, costMsat }) => {
      const author = authors.get(itemId) ?? null;
      if (author === null) return [];
      const amountMsat = percentOf(costMsat, AUTHOR_PERCENT);
      return [{ kind: 'ZAP', holder: { accountId: author }, amountMsat }];
    });
  },

  result: `(select jsonb_build_object('itemId', item_id::text) from zaps where action_id = s.id)`,

  describe: ({ sats }) => `zap of ${sats} sats`,
};
