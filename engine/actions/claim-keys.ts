import type { ClientBase } from 'pg';
import { Refusal } from '../../domain/refusal.js';
import { type Action, contextOf } from './action.js';

/**
 * Claims what the action must have for itself; again is the same as once. Of two at the same time the second waits for the first.
 * Throws the Refusal of the key that another action has.
 */
export async function claimKeys(tx: ClientBase, action: Action): Promise<void> {
  const keys = (await action.type.keys?.(tx, contextOf(action))) ?? [];
  if (keys.length === 0) return;
  const { rows } = await tx.query<{ key: string }>(
    `insert into exclusive_keys (key, action_id, until)
     select key, $1, clock_timestamp() + seconds * interval '1 second'
     from unnest($2::text[], $3::float8[]) as k(key, seconds) order by key
     on conflict (key) do update set action_id = excluded.action_id, until = excluded.until
       where exclusive_keys.action_id = excluded.action_id or exclusive_keys.until < clock_timestamp()
     returning key`,
    [action.id, keys.map(({ key }) => key), keys.map(({ seconds }) => seconds ?? null)],
  );
  const claimed = new Set(rows.map(({ key }) => key));
  const missing = keys.find(({ key }) => !claimed.has(key));
  if (missing !== undefined) throw new Refusal(missing.taken.code, missing.taken.detail);
}

/** What a failed action no longer needs. A retry claims it again. */
export async function releaseKeys(tx: ClientBase, action: Action): Promise<void> {
  if (action.type.keys === undefined) return;
  await tx.query('delete from exclusive_keys where action_id = $1', [action.id]);
}
