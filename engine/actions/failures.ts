import type { Pool } from 'pg';
import type { ActionView } from './contract.js';
import { viewEach } from './read-action.js';

const RECENT = `interval '30 days'`;

/** An account's actions whose newest attempt failed in the last 30 days and was not dismissed, the newest first. */
export async function readFailures(
  pool: Pool,
  accountId: string,
  limit: number,
): Promise<ActionView[]> {
  const { rows } = await pool.query<{ id: string }>(
    `select s.id from actions s
     join lateral (
       select attempt, state from attempts where action_id = s.id order by attempt desc limit 1) n on n.state = 'FAILED'
     where s.actor = $1 and s.created_at > now() - ${RECENT} and s.parent is null
       and not exists (select from dismissed_failures d where d.action_id = s.id and d.attempt = n.attempt)
     order by s.created_at desc limit $2`,
    [accountId, limit],
  );
  return viewEach(
    pool,
    rows.map(({ id }) => id),
  );
}

/** Hides a failed attempt of the account's own from its list. Again is the same as once; another's is left alone. */
export async function dismissFailure(
  pool: Pool,
  accountId: string,
  { actionId, attempt }: { readonly actionId: string; readonly attempt: number },
): Promise<void> {
  await pool.query(
    `insert into dismissed_failures (action_id, attempt)
     select a.action_id, a.attempt from attempts a join actions s on s.id = a.action_id
     where a.action_id = $1 and a.attempt = $2 and a.state = 'FAILED' and s.actor = $3
     on conflict do nothing`,
    [actionId, attempt, accountId],
  );
}
