import type { ClientBase } from 'pg';
import type { Msat } from '../../domain/money.js';

type Db = Pick<ClientBase, 'query'>;

export interface RewardDay {
  /** UTC, like 2026-11-25. */
  readonly day: string;
  readonly state: 'CLOSED' | 'PAID';
  readonly poolMsat: Msat;
  readonly paidMsat: Msat;
  readonly earners: number;
}

/** The newest days first, before a day where one is given. */
export async function readRewardDays(
  db: Db,
  before: string | undefined,
  limit: number,
): Promise<RewardDay[]> {
  const { rows } = await db.query<RewardDay>(
    `select day::text as day, state, pool_msat as "poolMsat", paid_msat as "paidMsat",
       (select count(*) from reward_shares s where s.day = d.day)::integer as earners
     from reward_days d where $1::date is null or day < $1 order by d.day desc limit $2`,
    [before ?? null, limit],
  );
  return rows;
}

export interface OwnReward {
  readonly day: string;
  readonly amountMsat: Msat;
  readonly paid: boolean;
}

/** What an account has earned, the newest days first. */
export async function readOwnRewards(db: Db, account: string, limit: number): Promise<OwnReward[]> {
  const { rows } = await db.query<OwnReward>(
    `select day::text as day, coalesce(amount_msat, 0)::bigint as "amountMsat", action_id is not null as paid
     from reward_shares where account = $1 order by reward_shares.day desc limit $2`,
    [account, limit],
  );
  return rows;
}

/** What was paid in a day, by type of action. */
export interface ActionDay {
  readonly day: string;
  readonly type: string;
  readonly actions: bigint;
  /** As text: a sum may exceed what an amount may be. */
  readonly costMsat: string;
}

export async function readActionDays(db: Db, from: string, through: string): Promise<ActionDay[]> {
  const { rows } = await db.query<ActionDay>(
    `select day::text as day, type, actions, cost_msat::text as "costMsat" from action_days
     where action_days.day between $1 and $2 order by action_days.day, type`,
    [from, through],
  );
  return rows;
}
