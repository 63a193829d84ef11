import type { Pool } from 'pg';
import { inTransaction } from '../../db/transaction.js';

const AT_ONCE = 5_000;
/** Key of the advisory lock of the one that sums up. */
const LOCK = 7_421_843_001n;

/**
 * Sums up what has changed since: adds deltas to the counters of their items, and to their rank of hot, in which an amount halves every
 * 14,400 s from when it was paid. Whether there may be more.
 */
export function rollUpItems(pool: Pool): Promise<boolean> {
  return inTransaction(pool, async (tx) => {
    const { rows: locked } = await tx.query<{ mine: boolean }>(
      'select pg_try_advisory_xact_lock($1) as mine',
      [LOCK.toString()],
    );
    if (locked[0]?.mine !== true) return false;
    const { rows } = await tx.query<{ taken: bigint }>(ROLL_UP, [AT_ONCE]);
    return Number(rows[0]?.taken) === AT_ONCE;
  });
}

/** Exponents below -700 are clamped: such an amount counts no more. */
const ROLL_UP = `
  with taken as (
    delete from item_deltas where id in (select id from item_deltas order by id limit $1) returning *),
  weighted as (
    select *, extract(epoch from at)::float8 as seconds,
      (zapped_msat + cost_msat + boost_msat + (comment_zapped_msat + comment_cost_msat + comment_boost_msat) / 4.0
        - down_msat - comment_down_msat / 10.0)::float8 / 1000 as sats
    from taken),
  locked as (
    select id, hot_sum, hot_time from items where id in (select item_id from taken) order by id for no key update),
  latest as (
    select l.id, l.hot_sum, l.hot_time, greatest(l.hot_time, max(w.seconds)) as seconds
    from locked l join weighted w on w.item_id = l.id group by l.id, l.hot_sum, l.hot_time),
  sums as (
    select l.id, l.seconds, l.hot_sum * power(2::float8, greatest(-700, (l.hot_time - l.seconds) / 14400))
        + sum(w.sats * power(2::float8, greatest(-700, (w.seconds - l.seconds) / 14400))) as hot,
      sum(w.zaps) as zaps, sum(w.zappers) as zappers, sum(w.zapped_msat) as zapped_msat, sum(w.cost_msat) as cost_msat,
      sum(w.boost_msat) as boost_msat, sum(w.down_msat) as down_msat, sum(w.weighted_votes) as weighted_votes,
      sum(w.weighted_down_votes) as weighted_down_votes, sum(w.comments) as comments, sum(w.direct_comments) as direct_comments,
      sum(w.comment_zapped_msat) as comment_zapped_msat, sum(w.comment_cost_msat) as comment_cost_msat,
      sum(w.comment_boost_msat) as comment_boost_msat, sum(w.comment_down_msat) as comment_down_msat,
      max(w.last_comment_at) as last_comment_at
    from latest l join weighted w on w.item_id = l.id group by l.id, l.seconds, l.hot_sum, l.hot_time),
  changed as (
    update items i set hot_sum = s.hot, hot_time = s.seconds, zaps = i.zaps + s.zaps, zappers = i.zappers + s.zappers,
      zapped_msat = i.zapped_msat + s.zapped_msat, cost_msat = i.cost_msat + s.cost_msat, boost_msat = i.boost_msat + s.boost_msat,
      down_msat = i.down_msat + s.down_msat, weighted_votes = i.weighted_votes + s.weighted_votes,
      weighted_down_votes = i.weighted_down_votes + s.weighted_down_votes, comments = i.comments + s.comments,
      direct_comments = i.direct_comments + s.direct_comments, comment_zapped_msat = i.comment_zapped_msat + s.comment_zapped_msat,
      comment_cost_msat = i.comment_cost_msat + s.comment_cost_msat, comment_boost_msat = i.comment_boost_msat + s.comment_boost_msat,
      comment_down_msat = i.comment_down_msat + s.comment_down_msat, last_comment_at = greatest(i.last_comment_at, s.last_comment_at)
    from sums s where i.id = s.id)
  select count(*) as taken from taken`;
