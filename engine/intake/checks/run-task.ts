import type { Pool } from 'pg';
import type { IntakeContext } from '../context.js';
import { connectTo, readStore, type Store } from '../stores/store.js';
import { applyLeftEvents } from '../events/left-events.js';
import { learnThresholds } from '../thresholds/learn.js';
import { type Check, inCheck } from './check.js';
import { checkGaps, checkJumps } from './gaps.js';
import { endCalmBursts } from './calm.js';
import { judgeOrders } from './judge.js';
import { reconcile } from './reconcile.js';
import { checkSilence } from './silence.js';
import { eraseOld } from '../retention/erase-old.js';
import { checkSlips } from './slips.js';
import { checkWatched } from './watched.js';
import { checkWebhooks } from './webhooks.js';
import type { StoreCheck } from '../../../domain/intake/store-step.js';

/** What a reconcile found is judged when it is due, not at the next look. */
async function bringForward({ context, store }: Check): Promise<void> {
  await context.pool.query(
    `update store_tasks set due_at = least(due_at, (
       select min(judged_due_at) from store_orders where store = $1 and judged_due_at is not null))
     where store = $1 and task = 'gaps'`,
    [store.id],
  );
}

/** Gives whether the same is to be done again at once. */
const TASKS: Readonly<Record<StoreCheck, (check: Check) => Promise<boolean>>> = {
  reconcile: async (check) => {
    await applyLeftEvents(check.context, check.store.id);
    const { more } = await reconcile(check);
    await bringForward(check);
    return more;
  },
  gaps: async (check) => {
    await checkJumps(check);
    const more = await checkGaps(check);
    const moreToJudge = await judgeOrders(check);
    await endCalmBursts(check);
    return moreToJudge || more;
  },
  orders: checkWatched,
  webhooks: async (check) => {
    await checkWebhooks(check);
    return false;
  },
  silence: async (check) => {
    await checkSilence(check);
    return false;
  },
  slips: checkSlips,
  retention: async ({ context, store }) => {
    await eraseOld(context.pool, store);
    return false;
  },
  learn: async (check) => {
    await inCheck(check, (tx) => learnThresholds(tx, check.store.id, check.store.storeNow));
    return false;
  },
};

/** Runs a task that is due, and says when it is due again. A task that fails is due again after a growing pause. */
export async function runTask(context: IntakeContext, id: string, task: StoreCheck): Promise<void> {
  const store = await readStore(context.pool, id);
  const check: Check = { context, store, api: connectTo(context, store) };
  try {
    const more = await TASKS[task](check);
    const pause = (await nextIn(context.pool, store, task)) / store.clockRate;
    const every = more ? 0 : Math.max(LEAST_PAUSE_SECONDS, pause);
    await context.pool.query(
      `update store_tasks set due_at = clock_timestamp() + $3 * interval '1 second', done_at = clock_timestamp(), tries = 0, last_error = null
       where store = $1 and task = $2`,
      [id, task, every],
    );
  } catch (error) {
    await context.pool.query(
      `update store_tasks set due_at = clock_timestamp() + least(300, power(2, least(tries, 8))) * interval '1 second', tries = tries + 1, last_error = $3
       where store = $1 and task = $2`,
      [id, task, error instanceof Error ? error.message.slice(0, 500) : String(error)],
    );
  }
}

/** Rows are looked for at least so often. */
const ROWS_SECONDS = 60;
const HOUR_SECONDS = 3600;
/** In the database's time, however fast the store's clock runs. */
const LEAST_PAUSE_SECONDS = 1;

/** In seconds of the store. Tasks over rows run when the next row is due. */
async function nextIn(pool: Pool, store: Store, task: StoreCheck): Promise<number> {
  const { reconcileSeconds, webhookPollSeconds, silenceSeconds } = store.settings;
  if (task === 'reconcile') return reconcileSeconds;
  if (task === 'webhooks') return webhookPollSeconds;
  if (task === 'silence') return silenceSeconds;
  if (task === 'slips') return store.settings.slips?.graceSeconds ?? HOUR_SECONDS;
  if (task === 'learn' || task === 'retention') return secondsToNight(pool, store);
  const { rows } = await pool.query<{ seconds: number | null }>(
    task === 'orders' ? NEXT_ORDER : NEXT_ID,
    [store.id],
  );
  const seconds = rows[0]?.seconds ?? null;
  if (seconds === null) return ROWS_SECONDS;
  return Math.min(ROWS_SECONDS, Math.max(1, seconds * store.clockRate));
}

/** To three in the morning where the store is. */
async function secondsToNight(pool: Pool, { zone, storeNow }: Store): Promise<number> {
  const { rows } = await pool.query<{ seconds: number }>(
    `select extract(epoch from (date_trunc('day', $1::timestamptz at time zone $2 - interval '3 hours') + interval '27 hours')
       at time zone $2 - $1)::float8 as seconds`,
    [storeNow, zone],
  );
  return rows[0]?.seconds ?? 86_400;
}

const NEXT_ORDER = `
  select extract(epoch from min(due_at) - clock_timestamp())::float8 as seconds from store_orders where store = $1 and due_at is not null`;
const NEXT_ID = `
  select extract(epoch from least(
    (select min(due_at) from store_ids where store = $1 and due_at is not null),
    (select min(due_at) from store_jumps where store = $1 and due_at is not null),
    (select min(judged_due_at) from store_orders where store = $1 and judged_due_at is not null)) - clock_timestamp())::float8 as seconds`;
