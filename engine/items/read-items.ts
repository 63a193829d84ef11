import type { ClientBase, Pool } from 'pg';
import { capabilityMatches, type Caller } from '../accounts/caller.js';
import { ITEM_COLUMNS, ITEM_JOINS, type ItemView } from './item-view.js';

/** How posts are sorted: by what was paid for them lately, by when they were paid, or by all that was paid for them. */
export type FeedOrder = 'hot' | 'recent' | 'top';

/** Where a page of a feed ends: the sort key of its last item as text, and its id. `recent`: microseconds since 1970. */
export interface FeedPosition {
  readonly key: string;
  readonly id: bigint;
}

export type FeedItem = ItemView & { readonly sortKey: string };

const SORT: Readonly<
  Record<FeedOrder, { readonly column: string; readonly key: string; readonly from: string }>
> = {
  hot: { column: 'hot_key', key: 'i.hot_key::text', from: '$2::float8' },
  top: { column: 'top_msat', key: 'i.top_msat::text', from: '$2::bigint' },
  recent: {
    column: 'paid_at',
    key: '((extract(epoch from i.paid_at) * 1000000)::bigint)::text',
    from: `timestamptz 'epoch' + $2::bigint * interval '1 us'`,
  },
};

/** A page of what everybody sees: posts that are paid, one walk along the index of the order. */
export async function readFeed(
  db: Pool,
  order: FeedOrder,
  viewer: string | null,
  before: FeedPosition | undefined,
  limit: number,
): Promise<FeedItem[]> {
  const { column, key, from } = SORT[order];
  const after = before === undefined ? '' : `and (${column}, id) < (${from}, $3::bigint)`;
  const { rows } = await db.query<FeedItem>(
    `select ${ITEM_COLUMNS}, ${key} as "sortKey"
     from (
       select * from items where listed ${after} order by ${column} desc, id desc
       limit $${before === undefined ? 2 : 4}) i ${ITEM_JOINS}
     order by i.${column} desc, i.id desc`,
    [viewer, ...(before === undefined ? [] : [before.key, before.id]), limit],
  );
  return rows;
}

/** The same of one territory, by its name in lower case: one walk along the index of its listings. */
export async function readTerritoryFeed(
  db: Pool,
  territory: string,
  order: FeedOrder,
  viewer: string | null,
  before: FeedPosition | undefined,
  limit: number,
): Promise<FeedItem[]> {
  const { column, key, from } = SORT[order];
  const after = before === undefined ? '' : `and (${column}, item_id) < (${from}, $3::bigint)`;
  const at = before === undefined ? 2 : 4;
  const { rows } = await db.query<FeedItem>(
    `select ${ITEM_COLUMNS}, ${key} as "sortKey"
     from (
       select item_id from item_listings where territory = $${at + 1} ${after} order by ${column} desc, item_id desc limit $${at}) l
     join items i on i.id = l.item_id ${ITEM_JOINS}
     order by i.${column} desc, i.id desc`,
    [viewer, ...(before === undefined ? [] : [before.key, before.id]), limit, territory],
  );
  return rows;
}

/** How the lists of a territory are sorted where nobody says: as its owner wants. Without a territory: `recent`. */
export async function usualOrder(db: Pool, territory: string | undefined): Promise<FeedOrder> {
  if (territory === undefined) return 'recent';
  const { rows } = await db.query<{ ranking: string }>(
    'select ranking from territories where name = $1',
    [territory],
  );
  return rows[0]?.ranking === 'RECENT' ? 'recent' : 'hot';
}

/** An author's own items in any state, the newest first, from below that id. */
export async function readOwnItems(
  pool: Pool,
  accountId: string,
  before: bigint | undefined,
  limit: number,
): Promise<ItemView[]> {
  const { rows } = await pool.query<ItemView>(
    `select ${ITEM_COLUMNS} from items i ${ITEM_JOINS}
     where i.author = $1 and ($2::bigint is null or i.id < $2) order by i.id desc limit $3`,
    [accountId, before ?? null, limit],
  );
  return rows;
}

/** One item, if it is paid or the viewer's own (an anonymous author shows the capability). A stopped job is its author's. */
export async function readItem(
  db: Pool | ClientBase,
  id: bigint,
  viewer: Caller,
): Promise<ItemView | undefined> {
  const { rows } = await db.query<
    ItemView & { authorId: string | null; capabilityHash: Buffer | null }
  >(
    `select ${ITEM_COLUMNS}, i.author as "authorId", act.capability_hash as "capabilityHash"
     from items i ${ITEM_JOINS} join actions act on act.id = i.action_id where i.id = $2`,
    [viewer.kind === 'account' ? viewer.id : null, id],
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  const { authorId, capabilityHash, ...item } = row;
  const own =
    viewer.kind === 'account'
      ? viewer.id === authorId
      : capabilityMatches(viewer.capability, capabilityHash);
  return own || (item.state === 'PAID' && item.stoppedAt === null) ? item : undefined;
}
