import type { ClientBase } from 'pg';
import { countStreaks } from './count-streaks.js';
import { fillShares } from './earners.js';

/** Longer than any transaction may last: what began before is committed or gone. */
const SETTLED_MINUTES = 15;
/** What is above it stays in the pool. */
const MOST_MSAT = 1_000_000_000n;

/**
 * Closes the next day (UTC) once no transaction is open that began before its end; undefined where it is too early. What the pool
 * got in that day is divided among those who earned it: floors, and the rest to the first of them. Any number may call it: one closes.
 * `settledBefore` is for tests.
 */
export async function closeDay(tx: ClientBase, settledBefore?: Date): Promise<string | undefined> {
  // One at a time; the others find it done.
  await tx.query('lock table reward_days in share row exclusive mode');
  const { rows } = await tx.query<{ day: string }>(
    `with last as (select max(day) as day, coalesce(max(through_entry), 0) as entry from reward_days),
     settled as (
       select coalesce($1::timestamptz, least(clock_timestamp() - $2 * interval '1 minute',
         (select min(xact_start) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid())
       )) at time zone 'UTC' as before),
     next as (
       select coalesce(last.day + 1, settled.before::date - 1) as day, last.entry from last, settled),
     closing as (
       select next.day, greatest(next.entry, coalesce((
           select max(id) from entries
           where id > next.entry and created_at < (next.day + 1)::timestamp at time zone 'UTC'), 0)) as through, next.entry
       from next, settled where (next.day + 1)::timestamp <= settled.before)
     insert into reward_days (day, through_entry, pool_msat)
     select c.day, c.through, least($3::bigint, coalesce((
       select sum(p.amount_msat) from postings p join ledger_accounts a on a.id = p.ledger_account_id
       where a.system = 'pool' and a.asset = 'SATS' and p.amount_msat > 0
         and p.entry_id > c.entry and p.entry_id <= c.through), 0))
     from closing c returning day::text as day`,
    [settledBefore ?? null, SETTLED_MINUTES, MOST_MSAT],
  );
  const day = rows[0]?.day;
  if (day === undefined) return undefined;
  await fillShares(tx, day);
  await divide(tx, day);
  await countActions(tx, day);
  await countStreaks(tx, day);
  return day;
}

async function divide(tx: ClientBase, day: string): Promise<void> {
  await tx.query(
    `with pool as (select pool_msat from reward_days where day = $1),
     sums as (select sum(share::numeric) as all_shares from reward_shares where day = $1),
     floors as (
       select account, floor(pool.pool_msat * share::numeric / sums.all_shares)::bigint as msat,
         row_number() over (order by share desc, account) as place
       from reward_shares, pool, sums where day = $1),
     left_over as (select pool.pool_msat - coalesce((select sum(msat) from floors), 0) as msat from pool)
     update reward_shares s
     set amount_msat = f.msat + case when f.place = 1 then (select msat from left_over) else 0 end
     from floors f where s.day = $1 and s.account = f.account`,
    [day],
  );
}

async function countActions(tx: ClientBase, day: string): Promise<void> {
  await tx.query(
    `insert into action_days (day, type, actions, cost_msat)
     select $1, s.type, count(*), sum(a.cost_msat)
     from attempts a join actions s on s.id = a.action_id
     where a.state = 'PAID' and s.type <> 'REWARDS'
       and a.changed_at >= $1::date::timestamp at time zone 'UTC'
       and a.changed_at < ($1::date + 1)::timestamp at time zone 'UTC'
     group by s.type`,
    [day],
  );
}
