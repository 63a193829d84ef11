import {
  STORE_CALLS,
  type StoreCall,
  type StoreTask,
  TASK_SUMMARIES,
} from '../../domain/intake/store-step.js';
import type { Step } from '../../domain/workflow-step.js';
import type { IntakeContext } from './context.js';

interface NextTask {
  readonly task: StoreTask | null;
  readonly waitMs: number | null;
  readonly dueAt: Date | null;
  readonly closed: boolean;
}

/** What a store's workflow does next: the task that is longest due, or to wait for the next one. Also says so in the store's row. */
export async function advanceStore(
  context: IntakeContext,
  store: string,
): Promise<Step<StoreCall>> {
  const { rows } = await context.pool.query<NextTask>(
    `with next as (
       select task, due_at from store_tasks where store = $1 and task = any ($2) order by due_at limit 1),
     moved as (
       update stores set due_at = greatest(next.due_at, clock_timestamp()), since = next.due_at from next
       where stores.id = $1 and closed_at is null)
     select next.task, extract(epoch from next.due_at - clock_timestamp())::float8 * 1000 as "waitMs", next.due_at as "dueAt",
       stores.closed_at is not null as closed
     from stores left join next on true where stores.id = $1`,
    [store, Object.keys(STORE_CALLS)],
  );
  const [row] = rows;
  const state = row === undefined || row.closed ? 'closed' : 'open';
  const base = { state, reason: null, finished: state === 'closed' };
  if (row === undefined || row.closed || row.task === null || row.waitMs === null) {
    return { ...base, call: null, waitMs: null, story: story('nothing', null) };
  }
  const { task, waitMs, dueAt } = row;
  const awaits = TASK_SUMMARIES[task];
  if (waitMs > 0) return { ...base, call: null, waitMs, story: story(awaits, dueAt) };
  return { ...base, call: STORE_CALLS[task], waitMs: null, story: story(awaits, null) };
}

function story(awaits: string, deadline: Date | null): Step['story'] {
  return { awaits, amountMsat: null, deadline: deadline?.toISOString() ?? null };
}
