import type { ClientBase } from 'pg';
import { Refusal, type RefusalCode } from '../../domain/refusal.js';

export interface ExclusiveKey {
  readonly key: string;
  readonly actionId: string;
}

/** What a caller is told where another action has the key. */
export interface Taken {
  readonly code: RefusalCode;
  readonly detail: string;
}

/**
 * Takes a key for an action, which keeps it until it is given back. Of two that want it at once the second waits for the first's
 * transaction. Throws Refusal where another action has it.
 */
export async function takeExclusiveKey(
  tx: ClientBase,
  { key, actionId }: ExclusiveKey,
  taken: Taken,
): Promise<void> {
  const { rowCount } = await tx.query(
    `insert into exclusive_keys (key, action_id) values ($1, $2)
     on conflict (key) do update set action_id = excluded.action_id
     where exclusive_keys.action_id = excluded.action_id or exclusive_keys.until <= clock_timestamp()`,
    [key, actionId],
  );
  if (rowCount !== 1) throw new Refusal(taken.code, taken.detail);
}

/** Keys of actions are free again. */
export async function giveKeysBack(tx: ClientBase, actionIds: readonly string[]): Promise<void> {
  await tx.query('delete from exclusive_keys where action_id = any($1::uuid[])', [actionIds]);
}
