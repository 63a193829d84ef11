import type { Pool } from 'pg';

const ROWS_AT_ONCE = 1_000;
const HOUR_SECONDS = 3600;
const DAY_SECONDS = 24 * HOUR_SECONDS;

/** A table whose rows are kept for a limited time. */
export interface RetainedTable {
  readonly table: string;
  /** $1: how long rows are kept, in seconds; $2: the most rows to delete. */
  readonly deleteOld: string;
  readonly keepSeconds: number;
}

/** Rows that are deleted by their age alone: `key` names one, and its age is counted from the column `since`. */
function rowsOlder(
  table: string,
  key: string,
  since: string,
): Pick<RetainedTable, 'table' | 'deleteOld'> {
  const deleteOld = `
    delete from ${table} where ${key} = any (array(
      select ${key} from ${table} where ${since} < now() - $1 * interval '1 second'
      order by ${since} limit $2 for update skip locked))`;
  return { table, deleteOld };
}

/** Kept for times that nobody sets. */
const FIXED: readonly RetainedTable[] = [
  {
    ...rowsOlder('order_drafts', 'id', 'created_at'),
    keepSeconds: DAY_SECONDS,
  },
  {
    table: 'idempotency_keys',
    deleteOld: `
      delete from idempotency_keys where (scope, key) in (
        select scope, key from idempotency_keys
        where created_at < now() - $1 * interval '1 second'
        order by created_at limit $2 for update skip locked)`,
    keepSeconds: 30 * DAY_SECONDS,
  },
  {
    // Texts of actions without an account that failed: nobody has paid for them.
    table: 'items',
    deleteOld: `
      with old as (
        select id, not exists (select from attempts a where a.action_id = s.id and a.state <> 'FAILED') as failed
        from actions s
        where actor is null and content_checked_at is null and created_at < now() - $1 * interval '1 second'
          and not exists (select from attempts a where a.action_id = s.id and a.state not in ('PAID', 'FAILED'))
        order by created_at limit $2 for update skip locked),
      checked as (
        update actions s set content_checked_at = now(), emptied = old.failed,
          args = case when old.failed then '{}' else s.args end
        from old where s.id = old.id returning s.id, s.emptied)
      update items i set title = 'not paid', url = null, text = ''
      from checked where i.action_id = checked.id and checked.emptied`,
    keepSeconds: 30 * DAY_SECONDS,
  },
  {
    // Those of an action that is paid are not written again.
    ...rowsOlder('effects', 'id', 'done_at'),
    keepSeconds: 31 * DAY_SECONDS,
  },
  {
    ...rowsOlder('deliveries', 'id', 'done_at'),
    keepSeconds: 7 * DAY_SECONDS,
  },
  {
    // With their deliveries and tries.
    ...rowsOlder('webhook_events', 'id', 'at'),
    keepSeconds: 30 * DAY_SECONDS,
  },
  {
    ...rowsOlder('exclusive_keys', 'key', 'until'),
    keepSeconds: HOUR_SECONDS,
  },
];

export function retainedTables(
  outboxKeepHours: number,
  messageKeepDays: number,
): readonly RetainedTable[] {
  return [
    {
      ...rowsOlder('order_messages', 'order_id', 'ended_at'),
      // Those of orders whose transmission has ended; others go with their order.
      keepSeconds: messageKeepDays * DAY_SECONDS,
    },
    {
      // What releases before 0111 have delivered. Newer ones move it to tables that are rotated.
      ...rowsOlder('only outbox', 'id', 'published_at'),
      table: 'outbox',
      keepSeconds: outboxKeepHours * HOUR_SECONDS,
    },
    ...FIXED,
  ];
}

/** Deletes rows that have been kept long enough, in small transactions, until none is left or `signal` aborts. Returns how many. */
export async function deleteOldRows(
  pool: Pool,
  { deleteOld, keepSeconds }: RetainedTable,
  signal: AbortSignal,
): Promise<number> {
  let deleted = 0;
  while (!signal.aborted) {
    const { rowCount } = await pool.query(deleteOld, [keepSeconds, ROWS_AT_ONCE]);
    deleted += rowCount ?? 0;
    if ((rowCount ?? 0) < ROWS_AT_ONCE) break;
  }
  return deleted;
}
