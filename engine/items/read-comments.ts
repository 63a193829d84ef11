import type { Pool } from 'pg';
import { ITEM_COLUMNS, ITEM_JOINS, type ItemView } from './item-view.js';
import type { FeedOrder, FeedPosition } from './read-items.js';

/** A comment with what is below it, as far as that is shown. */
export interface CommentNode {
  readonly item: ItemView;
  readonly sortKey: string;
  readonly replies: readonly CommentNode[];
  /** There are replies that are not shown here: read them below this comment. */
  readonly more: boolean;
}

/** How much of a tree is read at once. */
export interface TreeSize {
  /** Comments directly below. */
  readonly limit: number;
  /** Replies of each comment. */
  readonly replies: number;
  /** Levels of comments. */
  readonly depth: number;
}

const SORT: Readonly<Record<FeedOrder, { readonly columns: string; readonly type: string }>> = {
  hot: { columns: 'hot_key', type: 'float8' },
  top: { columns: 'top_msat', type: 'bigint' },
  recent: { columns: 'id', type: 'bigint' },
};

type CommentRow = ItemView & { readonly sortKey: string; readonly level: number };

/**
 * The comments below an item as a tree, which is bounded whatever there is: those that are paid, with the viewer's own unpaid ones in
 * their places.
 */
export async function readComments(
  db: Pool,
  itemId: bigint,
  viewer: string | null,
  order: FeedOrder,
  before: FeedPosition | undefined,
  size: TreeSize,
): Promise<CommentNode[]> {
  const { columns, type } = SORT[order];
  const sorted = `order by ${columns} desc, id desc`;
  const visible = `(state = 'PAID' or author = $1::uuid)`;
  const { rows } = await db.query<CommentRow>(
    `with recursive tree as (
       (select id, 1 as level from items where parent_id = $2 and ${visible}
          and ($3::text is null or (${columns}, id) < ($3::${type}, $4::bigint)) ${sorted} limit $5)
       union all
       select c.id, t.level + 1 from tree t cross join lateral (
         select id from items where parent_id = t.id and ${visible} ${sorted} limit $6) c
       where t.level < $7)
     select ${ITEM_COLUMNS}, t.level, i.${columns}::text as "sortKey"
     from tree t join items i on i.id = t.id ${ITEM_JOINS}
     order by t.level, i.${columns} desc, i.id desc`,
    [
      ...[viewer, itemId, before?.key ?? null, before?.id ?? null],
      // One more of each tells whether there are more.
      ...[size.limit, size.replies + 1, size.depth + 1],
    ],
  );
  return treeOf(rows, itemId, size);
}

function treeOf(rows: readonly CommentRow[], itemId: bigint, size: TreeSize): CommentNode[] {
  const byParent = new Map<bigint, CommentRow[]>();
  for (const row of rows) {
    const siblings = byParent.get(row.parentId ?? itemId);
    if (siblings === undefined) byParent.set(row.parentId ?? itemId, [row]);
    else siblings.push(row);
  }
  const nodeOf = ({ sortKey, level, ...item }: CommentRow): CommentNode => {
    const below = byParent.get(item.id) ?? [];
    const shown = level < size.depth ? below.slice(0, size.replies) : [];
    return { item, sortKey, replies: shown.map(nodeOf), more: below.length > shown.length };
  };
  return (byParent.get(itemId) ?? []).map(nodeOf);
}
