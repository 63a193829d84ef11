import { itemCost } from '../../../domain/items/cost.js';
import { MAX_DEPTH } from '../../../domain/items/limits.js';
import { addMsat, type Msat, ZERO_MSAT } from '../../../domain/money.js';
import { Refusal } from '../../../domain/refusal.js';
import { findItem, findOpenItem } from '../../items/find-item.js';
import { recordItems } from '../../items/record-items.js';
import { setTimers } from '../../items/timers/set-timers.js';
import { tellOfItem } from '../../notices/tell-of-item.js';
import { refusePostType, territoryCosts, type TerritoryTerms } from '../../territories/costs.js';
import { creationKeys } from './items/creation-keys.js';
import type { NewItem } from './items/item-kind.js';
import { fromVersion1, type ItemArgs, itemArgs, toItem } from './items/kinds.js';
import { isFree, readSpam, refuseShortPoll, takeFreeComment } from './items/opening-rules.js';
import { territoryShares } from './items/territory-shares.js';
import { refuseForwards, writeItem } from './items/write-item.js';
import { mediaFeeFor } from './media-fee.js';
import type { PaidActionType, Queryable, Share } from './paid-action-type.js';
import { withChildren } from './with-children.js';

const ALONE = { spam: 0, allUnpaid: false };

/** A post, a comment or a bio: its author sees it at once, others when it is paid. */
export const itemCreate: PaidActionType<ItemArgs> = {
  name: 'ITEM_CREATE',
  version: 2,
  args: itemArgs,
  earlier: { 1: fromVersion1 },
  anonymous: true,
  paymentMethods: ['credits', 'sats', 'optimistic', 'pessimistic'],
  policy: { automaticRetry: true },
  tables: ['items'],
  hasChildren: true,

  async quote(db, { actor, args }) {
    const item = toItem(args);
    await refuseShortPoll(db, item);
    const territories = await territoriesOf(db, item);
    if (item.kind !== 'comment') refusePostType(item.kind, territories);
    const { spam, allUnpaid } = actor === null ? ALONE : await readSpam(db, actor, item);
    const price = priceOf(item, territories);
    const costMsat = itemCost({ ...price, spam, anonymous: actor === null });
    const sharesOf = (msat: Msat): readonly Share[] =>
      territoryShares(msat, territories, weightFor(item));
    const children = await mediaFeeFor(db, { actor, text: item.text }, sharesOf);
    const noFee = children.every((child) => child.costMsat === 0n);
    const free = noFee && actor !== null && (await isFree(db, actor, item, { costMsat, spam }));
    if (free) return { costMsat: ZERO_MSAT, children };
    if (allUnpaid && item.kind !== 'bio') {
      throw new Refusal('item.too_many_unpaid', 'pay or cancel one of them first');
    }
    return withChildren({ costMsat, shares: sharesOf(costMsat) }, children);
  },

  keys: creationKeys,

  async validate(db, { actionId, actor, args }) {
    const item = toItem(args);
    const { parentId } = item;
    if (parentId !== undefined) {
      const parent = await findOpenItem(db, parentId, actor);
      if (parent.depth >= MAX_DEPTH) {
        throw new Refusal('item.too_deep', `at most ${MAX_DEPTH} replies below each other`);
      }
    }
    await refuseForwards(db, actor, item.forwards);
    await refuseDeleted(db, actionId);
  },

  async perform(tx, { args, ...action }) {
    const item = toItem(args);
    await writeItem(tx, action, item);
    if (action.actor !== null && action.costMsat === 0n && item.kind === 'comment') {
      await takeFreeComment(tx, action.actor);
    }
  },

  onPaid: (tx, actions) =>
    recordItems(
      tx,
      actions.map(({ actionId }) => actionId),
    ),

  async afterPaid(tx, { actionId }, site) {
    const { rows } = await tx.query<{ id: bigint }>('select id from items where action_id = $1', [
      actionId,
    ]);
    await tellOfItem(tx, actionId, site.url);
    for (const { id } of rows) await setTimers(tx, id.toString());
  },

  // Whoever has no account is told of no notice: that a deletion was understood is told here.
  result: `(select jsonb_strip_nulls(jsonb_build_object('itemId', i.id::text, 'deletesAt', (
    select to_char(t.runs_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') from item_timers t
    where t.item_id = i.id and t.kind = 'DELETE' and t.state = 'WAITING'))) from items i where i.action_id = s.id)`,

  describe: ({ kind }) => (kind === 'comment' || kind === 'bio' ? kind : 'post'),
};

/** Those of the post, where it is a comment. */
async function territoriesOf(db: Queryable, item: NewItem): Promise<readonly TerritoryTerms[]> {
  const { parentId, territories } = item;
  const parent = parentId === undefined ? undefined : await findItem(db, parentId);
  return territoryCosts(db, parent?.territories ?? territories);
}

/** Posts cost the base, replies the cost of a reply; of a bio only a sat. */
function priceOf(
  item: NewItem,
  territories: readonly TerritoryTerms[],
): { readonly baseMsat: Msat; readonly boostSats: number } {
  const baseMsat = addMsat(...territories.map(weightFor(item)));
  return { baseMsat, boostSats: item.boostSats };
}

/** Territories share what the item and its files cost, each in proportion to its own cost. */
function weightFor({ kind }: NewItem): (territory: TerritoryTerms) => Msat {
  return ({ replyMsat, baseMsat }) => (kind === 'comment' ? replyMsat : baseMsat);
}

/** What its author has deleted while it was unpaid is not paid any more. */
async function refuseDeleted(db: Queryable, actionId: string): Promise<void> {
  const { rowCount } = await db.query(
    'select from items where action_id = $1 and deleted_at is not null',
    [actionId],
  );
  if (rowCount !== 0) throw new Refusal('item.deleted', 'its author has deleted it');
}
