import type { ClientBase } from 'pg';
import { Refusal, type RefusalCode } from '../domain/refusal.js';

/** A name that one action at a time may have: a vote, a bio, the same post twice, a territory. */
export interface ExclusiveKey {
  readonly key: string;
  /** After so long others may have it. Left out: never, unless the action fails. */
  readonly seconds?: number;
  /** What those are told who come second. */
  readonly taken: { readonly code: RefusalCode; readonly detail: string };
}

/**
 * Takes keys for an action; again is the same as once. Of two that want one at once the second waits for the first's transaction. Throws
 * the Refusal of a key that another action has.
 */
export async function takeKeys(
  tx: ClientBase,
  actionId: string,
  keys: readonly ExclusiveKey[],
): Promise<void> {
  if (keys.length === 0) return;
  const { rows } = await tx.query<{ key: string }>(
    `insert into exclusive_keys (key, action_id, until)
     select key, $1, clock_timestamp() + seconds * interval '1 second'
     from unnest($2::text[], $3::float8[]) as k(key, seconds) order by key
     on conflict (key) do update set action_id = excluded.action_id, until = excluded.until
       where exclusive_keys.action_id = excluded.action_id or exclusive_keys.until < clock_timestamp()
     returning key`,
    [actionId, keys.map(({ key }) => key), keys.map(({ seconds }) => seconds ?? null)],
  );
  const taken = new Set(rows.map(({ key }) => key));
  const missing = keys.find(({ key }) => !taken.has(key));
  if (missing !== undefined) throw new Refusal(missing.taken.code, missing.taken.detail);
}

/** Throws the Refusal of a key that another action has. */
export async function refuseTaken(
  tx: ClientBase,
  actionId: string,
  keys: readonly ExclusiveKey[],
): Promise<void> {
  for (const { key, taken } of keys) {
    if (await isTakenByOther(tx, key, actionId)) throw new Refusal(taken.code, taken.detail);
  }
}

/** Whether an action other than this one has the key. */
export async function isTakenByOther(
  db: Pick<ClientBase, 'query'>,
  key: string,
  actionId: string | null,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `select from exclusive_keys where key = $1 and action_id is distinct from $2
       and (until is null or until >= clock_timestamp())`,
    [key, actionId],
  );
  return rowCount !== 0;
}

/** Keys of actions are free again. */
export async function giveKeysBack(tx: ClientBase, actionIds: readonly string[]): Promise<void> {
  await tx.query('delete from exclusive_keys where action_id = any($1::uuid[])', [actionIds]);
}
