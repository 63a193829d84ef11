import type { ClientBase, Pool } from 'pg';
import { capabilityMatches, type Caller } from '../accounts/caller.js';

export interface ItemView {
  readonly id: bigint;
  readonly actionId: string;
  /** Account name; null when anonymous. */
  readonly author: string | null;
  readonly title: string;
  readonly url: string | null;
  readonly text: string;
  readonly state: 'PENDING' | 'PAID' | 'FAILED';
  readonly createdAt: Date;
  readonly paidAt: Date | null;
  readonly zaps: number;
  readonly zappedMsat: bigint;
}

/** Where a page of paid items ends. `paidUs`: microseconds since 1970, as precise as PostgreSQL's. */
export interface PaidPosition {
  readonly paidUs: bigint;
  readonly id: bigint;
}

export type PaidItem = ItemView & { readonly paidUs: bigint };

const COLUMNS = `
  i.id, i.action_id as "actionId", author.name as author, i.title, i.url, i.text, i.state,
  i.created_at as "createdAt", i.paid_at as "paidAt", i.zaps, i.zapped_msat as "zappedMsat"`;
const FROM = 'from items i left join accounts author on author.id = i.author';

/** What everybody sees: paid ones, the latest paid first. */
export async function readPaidItems(
  pool: Pool,
  before: PaidPosition | undefined,
  limit: number,
): Promise<PaidItem[]> {
  const { rows } = await pool.query<PaidItem>(
    `select ${COLUMNS}, (extract(epoch from i.paid_at) * 1000000)::bigint as "paidUs" ${FROM}
     where i.state = 'PAID' and ($1::bigint is null or
       (i.paid_at, i.id) < (timestamptz 'epoch' + $1::bigint * interval '1 us', $2::bigint))
     order by i.paid_at desc, i.id desc limit $3`,
    [before?.paidUs ?? null, before?.id ?? null, limit],
  );
  return rows;
}

/** An author's own items in any state, the newest first, from below that id. */
export async function readOwnItems(
  pool: Pool,
  accountId: string,
  before: bigint | undefined,
  limit: number,
): Promise<ItemView[]> {
  const { rows } = await pool.query<ItemView>(
    `select ${COLUMNS} ${FROM}
     where i.author = $1 and ($2::bigint is null or i.id < $2) order by i.id desc limit $3`,
    [accountId, before ?? null, limit],
  );
  return rows;
}

/** One item, if it is paid or the viewer's own (an anonymous author shows the capability). */
export async function readItem(
  db: Pool | ClientBase,
  id: bigint,
  viewer: Caller,
): Promise<ItemView | undefined> {
  const { rows } = await db.query<
    ItemView & { authorId: string | null; capabilityHash: Buffer | null }
  >(
    `select ${COLUMNS}, i.author as "authorId", act.capability_hash as "capabilityHash" ${FROM}
     join actions act on act.id = i.action_id where i.id = $1`,
    [id],
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  const { authorId, capabilityHash, ...item } = row;
  const own =
    viewer.kind === 'account'
      ? viewer.id === authorId
      : capabilityMatches(viewer.capability, capabilityHash);
  return item.state === 'PAID' || own ? item : undefined;
}
