import { FREE_COMMENTS, MIN_POLL_MS } from '../../../../domain/items/limits.js';
import type { Msat } from '../../../../domain/money.js';
import { Refusal } from '../../../../domain/refusal.js';
import { readCredits, readSats } from '../../../accounts/accounts.js';
import type { Queryable } from '../paid-action-type.js';
import type { NewItem } from './item-kind.js';

/** The present one, in UTC. */
const MONTH = `date_trunc('month', now() at time zone 'UTC')::date`;

/** What limits an author's new item: of the anonymous nothing is known. */
export interface Spam {
  /** Items of the same author and place within the spam window, and the author's replies to itself right above. */
  readonly spam: number;
  /** The newest items of the author, as many as may not be unpaid in a row, are all unpaid. */
  readonly allUnpaid: boolean;
}

/** Counts pending and failed items too. Bios do not count; nor do replies below an own post. */
export async function readSpam(
  db: Queryable,
  actor: string,
  { kind, parentId }: Pick<NewItem, 'kind' | 'parentId'>,
): Promise<Spam> {
  const { rows } = await db.query<Spam>(
    `with recursive rules as (
       select spam_seconds * interval '1 second' as spam_time, unpaid_in_a_row from item_rules),
     post as (select author from items where id = (
       select coalesce(path[1], id) from items where id = $2::bigint)),
     mine as (
       select id, parent_id from items where author = $1 and created_at > now() - (select spam_time from rules) and kind <> 'bio'),
     chain as (
       select id, parent_id from mine where id = $2::bigint and $1 is distinct from (select author from post)
       union all
       select m.id, m.parent_id from chain c join mine m on m.id = c.parent_id),
     newest as (select state from items where author = $1 order by id desc limit (select unpaid_in_a_row from rules))
     select case when $3 then 0 else ((select count(*) from mine where parent_id is not distinct from $2::bigint
           and ($2::bigint is null or $1 is distinct from (select author from post)))
         + (select count(*) from chain))::integer end as spam,
       (select unpaid_in_a_row is not null and (select count(*) from newest where state <> 'PAID') = unpaid_in_a_row
         from rules) as "allUnpaid"`,
    [actor, parentId ?? null, kind === 'bio'],
  );
  const [spam] = rows;
  if (spam === undefined) throw new Error('there are no rules of items');
  return spam;
}

/**
 * Whether it is free: a comment or a bio that costs no more because of others before it, of an account that cannot pay; of comments a
 * few in a month.
 */
export async function isFree(
  db: Queryable,
  actor: string,
  { kind }: Pick<NewItem, 'kind'>,
  price: { readonly costMsat: Msat; readonly spam: number },
): Promise<boolean> {
  if ((kind !== 'comment' && kind !== 'bio') || price.spam > 0) return false;
  const [credits, sats] = [await readCredits(db, actor), await readSats(db, actor)];
  if (credits + sats >= price.costMsat) return false;
  if (kind === 'bio') return true;
  const { rows } = await db.query<{ n: number }>(
    `select n from free_comments where account_id = $1 and month = ${MONTH}`,
    [actor],
  );
  return (rows[0]?.n ?? 0) < FREE_COMMENTS;
}

/** Of several at once the last ones find none left. Throws Refusal `item.no_free_comments`. */
export async function takeFreeComment(db: Queryable, actor: string): Promise<void> {
  const { rowCount } = await db.query(
    `insert into free_comments as f (account_id, month, n) values ($1, ${MONTH}, 1)
     on conflict (account_id, month) do update set n = f.n + 1 where f.n < $2`,
    [actor, FREE_COMMENTS],
  );
  if (rowCount !== 1) {
    throw new Refusal('item.no_free_comments', `${FREE_COMMENTS} comments in a month are free`);
  }
}

/** Throws Refusal `action.invalid_args` where a poll would end too soon. */
export async function refuseShortPoll(db: Queryable, { poll }: NewItem): Promise<void> {
  if (poll === undefined || poll.endsAt === null) return;
  const { rows } = await db.query<{ long: boolean }>(
    `select $1::timestamptz >= now() + $2 * interval '1 ms' as long`,
    [poll.endsAt, MIN_POLL_MS],
  );
  if (rows[0]?.long === true) return;
  const message = 'must be at least a day ahead';
  throw new Refusal('action.invalid_args', `args.endsAt: ${message}`, [
    { path: 'args.endsAt', message },
  ]);
}
