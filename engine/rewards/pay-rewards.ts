import { randomBytes, randomUUID } from 'node:crypto';
import type { ClientBase } from 'pg';
import { addMsat, type Msat, percentOf, subtractMsat, toMsat } from '../../domain/money.js';
import type { Action } from '../actions/action.js';
import { paidKey, settleBookings } from '../actions/book-attempt.js';
import { announce } from '../actions/move-attempt.js';
import { ATTEMPTS } from '../actions/attempt-row.js';
import { rewards } from '../actions/types/rewards.js';
import { hashJson } from '../canonical-json.js';
import { type EngineContext, transact } from '../context.js';
import { lockCredits } from '../credits/accounts.js';
import { enqueueAfterPaid } from '../effects.js';
import type { Leg } from '../ledger/legs.js';
import { recordOpening } from '../transition.js';
import { closeDay } from './close-day.js';

/** Each may have a referrer: twice as many accounts receive at most. */
const EARNERS_AT_ONCE = 250;
const REFERRER_PERCENT = 10n;

interface Earner {
  readonly account: string;
  readonly amountMsat: Msat;
  readonly referrer: string | null;
}

/**
 * Closes the days that are over and pays their rewards, a limited number of receivers in each transaction. Rows say what is paid:
 * whoever calls it next goes on, and any number may call it at once. Gives how many receivers were paid.
 */
export async function payRewards(
  engine: Pick<EngineContext, 'pool' | 'outboxChanged'>,
  settledBefore?: Date,
): Promise<number> {
  while ((await transact(engine, (tx) => closeDay(tx, settledBefore))) !== undefined);
  let paid = 0;
  for (;;) {
    const batch = await transact(engine, (tx) => payBatch(tx));
    if (batch === undefined) return paid;
    paid += batch;
  }
}

/** Undefined where no day has to be paid, or another process pays it. */
async function payBatch(tx: ClientBase): Promise<number | undefined> {
  const { rows } = await tx.query<{ day: string }>(
    `select day::text as day from reward_days where state = 'CLOSED'
     order by day limit 1 for no key update skip locked`,
  );
  const day = rows[0]?.day;
  if (day === undefined) return undefined;
  const earners = await readEarners(tx, day);
  if (earners.length === 0) {
    await tx.query(
      `update reward_days set state = 'PAID', paid_at = clock_timestamp() where day = $1`,
      [day],
    );
    return 0;
  }
  const actionId = randomUUID();
  await payEarners(tx, actionId, day, earners);
  await tx.query(
    `with paid as (
       update reward_shares set action_id = $2 where day = $1 and account = any($3::uuid[]) returning amount_msat)
     update reward_days set paid_msat = paid_msat + (select sum(amount_msat) from paid)::bigint where day = $1`,
    [day, actionId, earners.map(({ account }) => account)],
  );
  return earners.length;
}

async function readEarners(tx: ClientBase, day: string): Promise<Earner[]> {
  const { rows } = await tx.query<Earner>(
    `select s.account, s.amount_msat as "amountMsat", a.referrer
     from reward_shares s join accounts a on a.id = s.account
     where s.day = $1 and s.action_id is null and s.amount_msat > 0 order by s.account limit $2`,
    [day, EARNERS_AT_ONCE],
  );
  return rows;
}

/** An action of its own, paid by the pool. */
async function payEarners(
  tx: ClientBase,
  id: string,
  day: string,
  earners: readonly Earner[],
): Promise<void> {
  const costMsat = addMsat(...earners.map(({ amountMsat }) => amountMsat));
  const action: Action = { id, type: rewards, actor: null, args: { day }, costMsat };
  const outs = earners.flatMap(legsOf);
  await lockCredits(tx, [...new Set(outs.map(({ account }) => account))]);
  await tx.query(
    `insert into actions (id, type, actor, capability_hash, args, request_hash, cost_msat)
     values ($1, $2, null, $3, $4, $5, $6)`,
    [id, rewards.name, randomBytes(32), action.args, hashJson(['rewards', id]), costMsat],
  );
  await tx.query(
    `insert into attempts (action_id, attempt, payer, flow, state, cost_msat, performed)
     values ($1, 1, null, 'credits', 'PAID', $2, true)`,
    [id, costMsat],
  );
  await recordOpening(tx, ATTEMPTS.machine, `${id}/1`, 'paid_by_balance');
  const ref = { actionId: id, attempt: 1 };
  const pool: Leg = {
    ...{ n: 1, side: 'in', kind: 'POOL', holder: { system: 'pool' } },
    ...{ ...SATS, plannedMsat: costMsat, actualMsat: costMsat },
  };
  const shares = outs.map(({ kind, account, amountMsat }, index): Leg => ({
    ...{ n: index + 2, side: 'out', kind, holder: { accountId: account } },
    ...{ ...SATS, plannedMsat: amountMsat, actualMsat: amountMsat },
  }));
  const booking = { payable: ref, key: paidKey(ref), moved: [], added: [pool, ...shares] };
  await settleBookings(tx, [{ ref, actor: null }], [booking]);
  await enqueueAfterPaid(tx, [id]);
  await announce(tx, action, { attempt: 1, state: 'PAID', reason: null, flow: 'credits' });
}

const SATS = { asset: 'SATS', hash: null } as const;

interface Received {
  readonly kind: 'REWARD' | 'REFERRAL';
  readonly account: string;
  readonly amountMsat: Msat;
}

/** A tenth goes to whoever has brought the earner. */
function legsOf({ account, amountMsat, referrer }: Earner): readonly Received[] {
  const tenth = referrer === null ? toMsat(0n) : percentOf(amountMsat, REFERRER_PERCENT);
  const own = { kind: 'REWARD', account, amountMsat: subtractMsat(amountMsat, tenth) } as const;
  if (referrer === null || tenth === 0n) return [own];
  return [own, { kind: 'REFERRAL', account: referrer, amountMsat: tenth }];
}
