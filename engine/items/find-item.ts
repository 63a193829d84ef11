import type { ClientBase } from 'pg';
import type { Forward } from '../../domain/items/shares.js';
import { Refusal } from '../../domain/refusal.js';

export type ItemKindName = 'link' | 'discussion' | 'poll' | 'bounty' | 'job' | 'comment' | 'bio';

/** An item that is acted upon. */
export interface FoundItem {
  readonly id: bigint;
  readonly kind: ItemKindName;
  readonly author: string | null;
  readonly state: 'PENDING' | 'PAID' | 'FAILED';
  readonly depth: number;
  readonly territories: readonly string[];
  readonly freebie: boolean;
  readonly deleted: boolean;
  readonly stopped: boolean;
  readonly createdAt: Date;
  readonly paidAt: Date | null;
  readonly pollCostMsat: bigint | null;
  readonly pollEnded: boolean;
  readonly forwards: readonly Forward[];
}

export async function findItem(
  db: Pick<ClientBase, 'query'>,
  itemId: string,
): Promise<FoundItem | undefined> {
  const { rows } = await db.query<FoundItem>(
    `select id, kind, author, state, cardinality(path) as depth, territories, freebie, deleted_at is not null as deleted, stopped_at is not null as stopped,
       created_at as "createdAt", paid_at as "paidAt", poll_cost_msat as "pollCostMsat",
       coalesce(poll_ends_at <= clock_timestamp(), false) as "pollEnded",
       coalesce((select jsonb_agg(jsonb_build_object('accountId', account_id, 'percent', percent) order by account_id)
         from item_forwards where item_id = items.id), '[]') as forwards
     from items where id = $1`,
    [itemId],
  );
  return rows[0];
}

/**
 * An item that everybody sees and may act upon. Throws Refusal `item.not_found`, which is all that those learn who may not see an unpaid
 * one; its author: `item.unpaid`. `item.deleted` where nothing is left to act upon.
 */
export async function findOpenItem(
  db: Pick<ClientBase, 'query'>,
  itemId: string,
  actor: string | null,
): Promise<FoundItem> {
  const item = await findItem(db, itemId);
  const own = item !== undefined && actor !== null && item.author === actor;
  if (item === undefined || ((item.state !== 'PAID' || item.stopped) && !own)) {
    throw noItem(itemId);
  }
  if (item.state !== 'PAID') throw new Refusal('item.unpaid', `item ${itemId} is not paid`);
  if (item.deleted) throw new Refusal('item.deleted', `item ${itemId} was deleted`);
  return item;
}

export function noItem(itemId: string): Refusal {
  return new Refusal('item.not_found', `there is no item ${itemId}`);
}
