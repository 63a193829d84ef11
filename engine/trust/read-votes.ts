import type { Pool } from 'pg';
import { VoteIndex } from '../../domain/trust/votes.js';
import type { TrustKind, TrustRun } from './run.js';

const ITEMS_AT_ONCE = 2_000;

/** By the time of payment. Smaller sums are no votes. In one order, so that voters have the same numbers again. */
const PAGE = `
  with page as (
    select id, author from items
    where id > $1 and state = 'PAID' and case when $3 then kind = 'comment' else kind not in ('comment', 'bio') end
      and case when $2 = '' then territories = '{}' else territories @> array[$2] end
    order by id limit $5),
  votes as (
    select p.id, z.actor, true as is_for, z.amount_msat, t.changed_at as paid_at from page p join zaps z on z.item_id = p.id
    join attempts t on t.action_id = z.action_id and t.state = 'PAID'
    where z.state = 'PAID' and z.actor is distinct from p.author
      and t.changed_at > $4::timestamptz - interval '1 year' and t.changed_at <= $4
    union all
    select p.id, a.actor, false, a.amount_msat, t.changed_at from page p join item_acts a on a.item_id = p.id and a.kind = 'DOWN_ZAP'
    join attempts t on t.action_id = a.action_id and t.state = 'PAID'
    where a.state = 'PAID' and a.actor is distinct from p.author
      and t.changed_at > $4::timestamptz - interval '1 year' and t.changed_at <= $4)
  select (select max(id) from page) as last, null::bigint as item, null::uuid as voter, null::boolean as "isFor", null::float8 as msat,
    null::float8 as at
  union all
  (select null, id, actor, is_for, sum(amount_msat)::float8, min(extract(epoch from paid_at))::float8 from votes
   where actor is not null group by id, actor, is_for having sum(amount_msat) > case when is_for then 1001 else 1000 end
   order by id, actor, is_for)`;

interface PageRow {
  readonly last: bigint | null;
  readonly item: bigint | null;
  readonly voter: string;
  readonly isFor: boolean;
  readonly msat: number;
  readonly at: number;
}

/** The votes of the year before the run on items of its territory, a page of items at a time. */
export async function readVotes(
  pool: Pool,
  { territory, at }: TrustRun,
  kind: TrustKind,
): Promise<VoteIndex> {
  const votes = new VoteIndex();
  let last: bigint | null = 0n;
  while (last !== null) {
    const page: PageRow[] = (
      await pool.query<PageRow>(PAGE, [last, territory, kind === 'comment', at, ITEMS_AT_ONCE])
    ).rows;
    for (const { item, ...vote } of page) if (item !== null) votes.add({ item, ...vote });
    last = page[0]?.last ?? null;
  }
  return votes;
}
