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

/** Kept for times that nobody sets. */
const FIXED: readonly RetainedTable[] = [
  {
    table: 'order_drafts',
    deleteOld: `
      delete from order_drafts where id = any (array(
        select id from order_drafts where created_at < now() - $1 * interval '1 second'
        order by created_at limit $2 for update skip locked))`,
    keepSeconds: DAY_SECONDS,
  },
  {
    table: 'applied_messages',
    deleteOld: `
      delete from applied_messages where (consumer, message_id) in (
        select consumer, message_id from applied_messages
        where applied_at < now() - $1 * interval '1 second'
        order by applied_at limit $2 for update skip locked)`,
    // Streams keep messages for 30 days, and may deliver them until then.
    keepSeconds: 31 * DAY_SECONDS,
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
    table: 'effects',
    deleteOld: `
      delete from effects where id = any (array(
        select id from effects where done_at < now() - $1 * interval '1 second'
        order by done_at limit $2 for update skip locked))`,
    keepSeconds: 31 * DAY_SECONDS,
  },
  {
    table: 'deliveries',
    deleteOld: `
      delete from deliveries where id = any (array(
        select id from deliveries where done_at < now() - $1 * interval '1 second'
        order by done_at limit $2 for update skip locked))`,
    keepSeconds: 7 * DAY_SECONDS,
  },
  {
    // With their deliveries and tries.
    table: 'webhook_events',
    deleteOld: `
      delete from webhook_events where id = any (array(
        select id from webhook_events where at < now() - $1 * interval '1 second'
        order by at limit $2 for update skip locked))`,
    keepSeconds: 30 * DAY_SECONDS,
  },
  {
    table: 'exclusive_keys',
    deleteOld: `
      delete from exclusive_keys where key = any (array(
        select key from exclusive_keys where until < now() - $1 * interval '1 second'
        order by until limit $2 for update skip locked))`,
    keepSeconds: HOUR_SECONDS,
  },
];

export function retainedTables(
  outboxKeepHours: number,
  messageKeepDays: number,
): readonly RetainedTable[] {
  return [
    {
      table: 'order_messages',
      // Those of orders whose transmission has ended; others go with their order.
      deleteOld: `
        delete from order_messages where order_id = any (array(
          select order_id from order_messages where ended_at < now() - $1 * interval '1 second'
          order by ended_at limit $2 for update skip locked))`,
      keepSeconds: messageKeepDays * DAY_SECONDS,
    },
    {
      table: 'outbox',
      deleteOld: `
        delete from outbox where id = any (array(
          select id from outbox where published_at < now() - $1 * interval '1 second'
          order by published_at limit $2 for update skip locked))`,
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
