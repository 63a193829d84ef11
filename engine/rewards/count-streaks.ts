import type { ClientBase } from 'pg';
import type { Written } from '../notices/tell.js';
import { followUp } from '../notices/tell.js';

/** What an account has to spend in a day for its streak, in msat. */
export const STREAK_MSAT = 100_000n;
/** What leaves to the outside, or comes from it, is not spent here. */
const NOT_SPENT = ['WITHDRAWAL', 'AUTO_WITHDRAWAL', 'PROXY_PAYMENT', 'REWARDS', 'BUY_CREDITS'];

/**
 * Who has spent how much in a day that is closed, by the time at which it became paid; begins, continues and ends streaks by it, and tells
 * of those that begin and end. In the transaction that closes the day: once.
 */
export async function countStreaks(tx: ClientBase, day: string): Promise<void> {
  await tx.query(
    `insert into spending_days (account, day, spent_msat)
     select a.payer, $1::date, sum(a.cost_msat)
     from attempts a join actions s on s.id = a.action_id
     where a.state = 'PAID' and a.payer is not null and a.cost_msat > 0 and s.type <> all($2::text[])
       and a.changed_at >= $1::date::timestamp at time zone 'UTC'
       and a.changed_at < ($1::date + 1)::timestamp at time zone 'UTC'
     group by a.payer order by a.payer`,
    [day, NOT_SPENT],
  );
  const { rows: lost } = await tx.query<Written>(
    `with ended as (
       update streaks s set ended_on = $1 where ended_on is null and not exists (
         select from spending_days d where d.account = s.account and d.day = $1 and d.spent_msat >= $2)
       returning account, first_day, last_day)
     insert into notices (account, kind, key, detail)
     select account, 'STREAK_LOST', 'streak-lost/' || first_day,
       jsonb_build_object('firstDay', first_day::text, 'lastDay', last_day::text, 'days', (last_day - first_day + 1)::text)
     from ended order by account on conflict do nothing returning id, account, kind`,
    [day, STREAK_MSAT],
  );
  const { rows: begun } = await tx.query<Written>(
    `with spent as (select account from spending_days where day = $1 and spent_msat >= $2),
     went_on as (
       update streaks s set last_day = $1 from spent where s.account = spent.account and s.ended_on is null returning s.account),
     begun as (
       insert into streaks (account, first_day, last_day)
       select account, $1::date, $1::date from spent where account not in (select account from went_on)
       returning account, first_day)
     insert into notices (account, kind, key, detail)
     select account, 'STREAK', 'streak/' || first_day, jsonb_build_object('firstDay', first_day::text)
     from begun order by account on conflict do nothing returning id, account, kind`,
    [day, STREAK_MSAT],
  );
  await followUp(tx, [...lost, ...begun]);
}

interface Streak {
  readonly days: number;
  readonly firstDay: string;
}

/** The streak of an account that lasts, as of the last day that was closed. */
export async function readStreak(
  db: Pick<ClientBase, 'query'>,
  account: string,
): Promise<Streak | undefined> {
  const { rows } = await db.query<Streak>(
    `select last_day - first_day + 1 as days, first_day::text as "firstDay" from streaks
     where account = $1 and ended_on is null`,
    [account],
  );
  return rows[0];
}
