import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';

/** Open attempts, each of an action of its own, due so many seconds ago. */
export async function insertAttempts(
  pool: Pool,
  count: number,
  dueSecondsAgo: number,
): Promise<string[]> {
  const ids = Array.from({ length: count }, () => randomUUID());
  await pool.query(
    `insert into actions (id, type, capability_hash, args, request_hash, cost_msat)
     select id, 'ZAP', sha256(id::text::bytea), '{}', sha256('x'), 1000 from unnest($1::uuid[]) id`,
    [ids],
  );
  await pool.query(
    `insert into attempts (action_id, attempt, flow, state, cost_msat, deadline_at, due_at)
     select id, 2, 'pessimistic', 'PENDING', 1000, t.due, t.due
     from unnest($1::uuid[]) id, (select now() - $2 * interval '1 second' as due) t`,
    [ids, dueSecondsAgo],
  );
  return ids;
}

export async function insertOrder(pool: Pool, dueSecondsAgo: number): Promise<string> {
  const id = randomUUID();
  await pool.query(
    `insert into orders (id, channel, state, min_bid_msat, message_size, ota_bytes, message_digest,
       regions, confirm_timeout_seconds, deadline_at, due_at)
     select $1, 1, 'pending', 1000, 10, 40, repeat('0', 64), 63, 60, t.due, t.due
     from (select now() - $2 * interval '1 second' as due) t`,
    [id, dueSecondsAgo],
  );
  return id;
}
