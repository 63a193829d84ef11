import { EDIT_WINDOW_SECONDS } from '../../../domain/items/limits.js';
import { addMsat, type Msat, satsToMsat, subtractMsat, toMsat } from '../../../domain/money.js';
import { Refusal } from '../../../domain/refusal.js';
import { uploadsIn } from '../../../domain/uploads.js';
import { findItem, type FoundItem, noItem } from '../../items/find-item.js';
import { setTimers } from '../../items/timers/set-timers.js';
import { tellOfEdit } from '../../notices/tell-of-item.js';
import { refusePostType, territoryCosts, type TerritoryTerms } from '../../territories/costs.js';
import { areShownBy, readMediaCost } from '../../uploads/media-fee.js';
import { applyEdit, type EditCost } from './items/apply-edit.js';
import { type EditArgs, editArgs, refuseFieldsOfOthers } from './items/edit-fields.js';
import { equally, territoryShares } from './items/territory-shares.js';
import { refuseForwards } from './items/write-item.js';
import { mediaFeeFor } from './media-fee.js';
import type { Child, PaidActionType, Queryable } from './paid-action-type.js';
import { withChildren } from './with-children.js';

/**
 * A change of an own item: free, but for more boost, for territories that are added, and for files. Made when it is paid, so that
 * nobody sees one that is not. A paid item can be changed for a while after its payment, a job and a bio always, an unpaid one while that
 * is free.
 */
export const itemUpdate: PaidActionType<EditArgs> = {
  name: 'ITEM_UPDATE',
  version: 1,
  args: editArgs,
  anonymous: false,
  paymentMethods: ['credits', 'sats', 'pessimistic'],
  policy: { retry: false },
  tables: ['item_edits'],
  hasChildren: true,

  async quote(db, { actor, args }) {
    const item = await ownItem(db, args.itemId, actor);
    await refuseClosedWindow(db, item);
    const { added, ...cost } = await costOf(db, item, args);
    const children = await filesOf(db, item, { actor, text: args.text ?? '' });
    const shares = territoryShares(cost.territoriesMsat, added, ({ baseMsat }) => baseMsat);
    const costMsat = addMsat(cost.boostMsat, cost.territoriesMsat);
    const quoted = withChildren({ costMsat, shares }, children);
    if (quoted.costMsat > 0n && item.state !== 'PAID') {
      throw new Refusal('item.unpaid', 'pay it first: what is unpaid is edited for free only');
    }
    return quoted;
  },

  async validate(db, { actor, args }) {
    const item = await ownItem(db, args.itemId, actor);
    refuseFieldsOfOthers(item.kind, args);
    await refuseForwards(db, actor, args.forwards ?? []);
  },

  async perform(tx, { actionId, args: { itemId } }) {
    await tx.query(
      `insert into item_edits (action_id, item_id, state) values ($1, $2, 'PENDING')`,
      [actionId, itemId],
    );
  },

  locks: ({ args: { itemId } }) => [{ table: 'items', id: itemId }],

  async onPaid(tx, actions) {
    for (const action of actions) {
      const item = await ownItem(tx, action.args.itemId, action.actor);
      const territoriesMsat = (await addedTerritories(tx, item, action.args)).territoriesMsat;
      const forItem = subtractMsat(action.costMsat, await readMediaCost(tx, action.actionId));
      const forTerritories = territoriesMsat < forItem ? territoriesMsat : forItem;
      await applyEdit(tx, action, {
        territoriesMsat: forTerritories,
        boostMsat: subtractMsat(forItem, forTerritories),
      });
    }
  },

  async afterPaid(tx, { args: { itemId } }, site) {
    await tellOfEdit(tx, itemId, site.url);
    await setTimers(tx, itemId);
  },

  result: `(select jsonb_build_object('itemId', item_id::text) from item_edits where action_id = s.id)`,

  describe: () => 'edit',
};

/** Throws Refusal `item.not_found`, `item.not_own` or `item.deleted`. */
async function ownItem(db: Queryable, itemId: string, actor: string | null): Promise<FoundItem> {
  const item = await findItem(db, itemId);
  if (item === undefined) throw noItem(itemId);
  if (item.author !== actor || actor === null) {
    if (item.state !== 'PAID' || item.stopped) throw noItem(itemId);
    throw new Refusal('item.not_own', `item ${itemId} is of another author`);
  }
  if (item.deleted) throw new Refusal('item.deleted', `item ${itemId} was deleted`);
  return item;
}

/** The window opens when the item is paid. */
async function refuseClosedWindow(db: Queryable, { kind, paidAt }: FoundItem): Promise<void> {
  if (paidAt === null || kind === 'job' || kind === 'bio') return;
  const { rows } = await db.query<{ open: boolean }>(
    `select $1::timestamptz + $2 * interval '1 second' > clock_timestamp() as open`,
    [paidAt, EDIT_WINDOW_SECONDS],
  );
  if (rows[0]?.open === true) return;
  throw new Refusal(
    'item.not_editable',
    `an item is edited within ${EDIT_WINDOW_SECONDS} s of its payment`,
  );
}

/**
 * The files that a new text shows, which are paid with the edit. While the item is unpaid it shows what it showed when it was opened:
 * nobody gets a file seen, and kept, by an item that is never paid.
 */
async function filesOf(
  db: Queryable,
  item: FoundItem,
  shown: { readonly actor: string | null; readonly text: string },
): Promise<readonly Child[]> {
  const territories = await territoryCosts(db, item.territories);
  const children = await mediaFeeFor(db, shown, (msat) =>
    territoryShares(msat, territories, equally),
  );
  if (item.state === 'PAID' || children.length === 0) return children;
  if (await areShownBy(db, item.id, uploadsIn(shown.text))) return [];
  throw new Refusal('item.unpaid', 'pay it first: files are added to what is paid');
}

interface Added {
  readonly added: readonly TerritoryTerms[];
  readonly territoriesMsat: Msat;
}

async function costOf(db: Queryable, item: FoundItem, args: EditArgs): Promise<EditCost & Added> {
  const { rows } = await db.query<{ boost: bigint }>(
    'select boost_msat as boost from item_counters where id = $1',
    [item.id],
  );
  const present = toMsat(rows[0]?.boost ?? 0n);
  const wanted = args.boostSats === undefined ? present : satsToMsat(BigInt(args.boostSats));
  if (wanted < present) {
    throw new Refusal('item.boost_shrinks', `its boost is ${present / 1000n} sats`);
  }
  const moves = args.territories?.toSorted().join() !== item.territories.toSorted().join();
  if (present > 0n && args.territories !== undefined && moves) {
    throw new Refusal('item.not_possible', 'what is boosted stays in its territories');
  }
  const added = await addedTerritories(db, item, args);
  refusePostType(item.kind, added.added);
  return { boostMsat: subtractMsat(wanted, present), ...added };
}

/** Territories that the edit adds cost their base. */
async function addedTerritories(
  db: Queryable,
  item: FoundItem,
  { territories = [] }: EditArgs,
): Promise<Added> {
  const names = territories.filter((name) => !item.territories.includes(name));
  const added = await territoryCosts(db, names);
  return { added, territoriesMsat: addMsat(...added.map(({ baseMsat }) => baseMsat)) };
}
