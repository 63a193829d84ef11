import type { ClientBase, Pool } from 'pg';
import { inTransaction } from '../../db/transaction.js';
import { loadAction } from './action.js';
import { tryUndo } from './run-type.js';

interface ParkedRow {
  readonly id: bigint;
  readonly action_id: string;
  readonly attempt: number;
}

/**
 * Undoes one action again whose type could not when it failed. One that was retried meanwhile needs it no more. Gives whether there was
 * one that is due.
 */
export function undoParked(pool: Pool): Promise<boolean> {
  return inTransaction(pool, async (tx) => {
    const { rows } = await tx.query<ParkedRow>(
      `select id, action_id, attempt from effects
       where kind = 'undo' and done_at is null and due_at <= clock_timestamp()
       order by due_at limit 1 for no key update skip locked`,
    );
    const [parked] = rows;
    if (parked === undefined) return false;
    const failed = (await isNewest(tx, parked))
      ? await tryUndo(tx, await loadAction(tx, parked.action_id))
      : undefined;
    await tx.query(
      `update effects set done_at = case when $2::text is null then clock_timestamp() end, last_error = $2, tries = tries + 1,
         due_at = clock_timestamp() + least(3600, 30 * power(2, tries)) * interval '1 second'
       where id = $1`,
      [parked.id, failed?.because ?? null],
    );
    return true;
  });
}

/** Locks the action: a retry would perform it again. */
async function isNewest(
  tx: ClientBase,
  { action_id: actionId, attempt }: ParkedRow,
): Promise<boolean> {
  await tx.query('select from actions where id = $1 for no key update', [actionId]);
  const { rows } = await tx.query<{ newest: number }>(
    'select max(attempt) as newest from attempts where action_id = $1',
    [actionId],
  );
  return rows[0]?.newest === attempt;
}
