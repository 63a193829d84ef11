import type { ClientBase } from 'pg';
import { Refusal } from '../../domain/refusal.js';

/** Something that was paid for or against an item. */
export interface PaidAct {
  readonly itemId: string;
  /** Account id; null for the anonymous, whose votes have no weight. */
  readonly actor: string | null;
  readonly amountMsat: bigint;
}

/** Which counters of the item and of its ancestors an act changes. */
interface Counted {
  readonly own: string;
  readonly above: string;
  /** Where the voter's weight counts. */
  readonly weighted?: string;
  readonly more?: string;
}

const COUNTED = {
  zap: {
    own: 'zapped_msat',
    above: 'comment_zapped_msat',
    weighted: 'weighted_votes',
    more: 'zaps, zappers',
  },
  downZap: { own: 'down_msat', above: 'comment_down_msat', weighted: 'weighted_down_votes' },
  boost: { own: 'boost_msat', above: 'comment_boost_msat' },
} as const satisfies Record<string, Counted>;

/**
 * Counts acts when they are paid, of many items at once. Of an item nothing is locked but that it cannot be deleted meanwhile. Throws
 * Refusal `item.not_found` where one is gone since the act was opened: its payer gets the money back.
 */
export async function recordActs(
  tx: ClientBase,
  kind: keyof typeof COUNTED,
  acts: readonly PaidAct[],
): Promise<void> {
  const { rows } = await tx.query<{ found: bigint }>(statementFor(COUNTED[kind]), [
    acts.map(({ itemId }) => itemId),
    acts.map(({ actor }) => actor),
    acts.map(({ amountMsat }) => amountMsat),
  ]);
  if (Number(rows[0]?.found) !== new Set(acts.map(({ itemId }) => itemId)).size) {
    throw new Refusal('item.not_found', 'an item that was paid for is gone');
  }
}

/** A vote weighs its voter's trust times the logarithm of how much its sum has grown. */
function statementFor({ own, above, weighted, more }: Counted): string {
  const votes =
    weighted === undefined
      ? `weights as (select null::bigint as item_id, 0 as zappers, 0::float8 as weight where false),`
      : `sums as (
         select item_id, actor, sum(msat)::bigint as msat from acts join target on target.id = item_id
         where actor is not null group by item_id, actor),
       voted as (
         insert into item_votes as v (item_id, account_id, ${own}) select item_id, actor, msat from sums order by item_id, actor
         on conflict (item_id, account_id) do update set ${own} = v.${own} + excluded.${own}
         returning item_id, account_id, ${own} as msat),
       weights as (
         select v.item_id, count(*) filter (where v.msat = s.msat)::integer as zappers,
           sum(vote_weight(v.account_id, t.territories, t.kind)
             * log(v.msat / 1000.0::float8 / greatest((v.msat - s.msat) / 1000.0::float8, 1))) as weight
         from voted v join sums s on s.item_id = v.item_id and s.actor = v.account_id join target t on t.id = v.item_id
         group by v.item_id),`;
  return `
    with acts as (select * from unnest($1::bigint[], $2::uuid[], $3::bigint[]) as a(item_id, actor, msat)),
    target as (
      select i.id, i.path, i.territories, i.kind from items i
      where i.id in (select item_id from acts) and i.state = 'PAID' and i.deleted_at is null
      order by i.id for key share),
    ${votes}
    by_item as (
      select t.id, t.path, count(*)::integer as acts, sum(a.msat)::bigint as msat
      from target t join acts a on a.item_id = t.id group by t.id, t.path),
    counted as (
      insert into item_deltas (item_id, ${own} ${weighted === undefined ? '' : `, ${weighted}`} ${more === undefined ? '' : `, ${more}`})
      select b.id, b.msat ${weighted === undefined ? '' : ', coalesce(w.weight, 0)'}
        ${more === undefined ? '' : ', b.acts, coalesce(w.zappers, 0)'}
      from by_item b left join weights w on w.item_id = b.id),
    above as (
      insert into item_deltas (item_id, ${above})
      select a.id, sum(b.msat)::bigint from by_item b cross join unnest(b.path) as a(id) group by a.id)
    select count(*) as found from target`;
}
