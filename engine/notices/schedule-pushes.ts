import type { ClientBase } from 'pg';

/** What follows fast is told together: the push says how it is when it is sent. */
const TOGETHER_MS = 1_000;

/** A push of each notice to each device of its account. One that waits already will say what is new. */
export async function schedulePushes(
  tx: Pick<ClientBase, 'query'>,
  noticeIds: readonly bigint[],
): Promise<void> {
  await tx.query(
    `insert into deliveries (kind, key, notice_id, subscription_id, due_at)
     select 'PUSH', 'push/' || n.id || '/' || s.id, n.id, s.id, clock_timestamp() + $2 * interval '1 millisecond'
     from notices n join push_subscriptions s on s.account = n.account and s.ended_at is null
     where n.id = any($1::bigint[]) order by n.id, s.id
     on conflict (key) do update set
       due_at = case when deliveries.done_at is null then least(deliveries.due_at, excluded.due_at) else excluded.due_at end, done_at = null, delivered = null, tries = 0,
       version = deliveries.version + 1`,
    [noticeIds, TOGETHER_MS],
  );
}
