import type { ItemKindName } from './find-item.js';

/** An item as its viewer sees it. Amounts in msat. */
export interface ItemView {
  readonly id: bigint;
  readonly actionId: string;
  readonly kind: ItemKindName;
  /** Account name; null when anonymous. */
  readonly author: string | null;
  /** Of a comment: what it answers, and the post above. */
  readonly parentId: bigint | null;
  readonly rootId: bigint | null;
  readonly title: string | null;
  readonly url: string | null;
  readonly text: string;
  readonly territories: readonly string[];
  readonly state: 'PENDING' | 'PAID' | 'FAILED';
  readonly createdAt: Date;
  readonly paidAt: Date | null;
  readonly editedAt: Date | null;
  readonly deletedAt: Date | null;
  readonly stoppedAt: Date | null;
  readonly freebie: boolean;
  readonly zaps: number;
  readonly zappedMsat: bigint;
  readonly boostMsat: bigint;
  /** All below it that are paid. */
  readonly comments: number;
  readonly bountyMsat: bigint | null;
  readonly job: JobView | null;
  readonly poll: PollView | null;
  /** What the viewer has zapped or is about to pay. */
  readonly ownZappedMsat: bigint;
}

export interface JobView {
  readonly company: string;
  readonly location: string;
  readonly remote: boolean;
}

export interface PollView {
  /** RFC 3339; null where it has no end. */
  readonly endsAt: string | null;
  readonly options: readonly {
    readonly id: string;
    readonly text: string;
    readonly votes: number;
  }[];
}

/** SQL: the columns of {@link ItemView}, of the item `i`, as the account `$1` sees it; null for anybody else. */
export const ITEM_COLUMNS = `
  i.id, i.action_id as "actionId", i.kind, author.name as author, i.parent_id as "parentId", i.path[1] as "rootId", i.title, i.url, i.text,
  i.territories, i.state, i.created_at as "createdAt", i.paid_at as "paidAt", i.edited_at as "editedAt", i.deleted_at as "deletedAt",
  i.stopped_at as "stoppedAt", i.freebie, (i.zaps + d.zaps)::integer as zaps, (i.zapped_msat + d.zapped)::bigint as "zappedMsat",
  (i.boost_msat + d.boost)::bigint as "boostMsat", (i.comments + d.comments)::integer as comments, i.bounty_msat as "bountyMsat", i.job,
  case when i.kind = 'poll' then (
    select jsonb_build_object(
      'endsAt', to_char(i.poll_ends_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
      'options', jsonb_agg(jsonb_build_object('id', o.id::text, 'text', case when i.deleted_at is null then o.text else '' end, 'votes',
        (select count(*) from poll_votes v where v.option_id = o.id and v.state = 'PAID')) order by o.n))
    from poll_options o where o.item_id = i.id) end as poll,
  coalesce((select sum(z.amount_msat) from zaps z where z.item_id = i.id and z.actor = $1::uuid and z.state <> 'FAILED'), 0)::bigint
    as "ownZappedMsat"`;

/** SQL: what {@link ITEM_COLUMNS} are read from, beside the item `i`: its author, and what is not yet in its counters. */
export const ITEM_JOINS = `
  left join accounts author on author.id = i.author
  cross join lateral (
    select coalesce(sum(zaps), 0) as zaps, coalesce(sum(zapped_msat), 0) as zapped, coalesce(sum(boost_msat), 0) as boost,
      coalesce(sum(comments), 0) as comments
    from item_deltas where item_id = i.id) d`;
