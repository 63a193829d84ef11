import type { ClientBase, Pool } from 'pg';
import { inTransaction } from '../../db/transaction.js';
import { loadAction } from './action.js';
import { inSavepoint, makePaid, type NotDone, tryUndo } from './run-type.js';

interface ParkedRow {
  readonly id: bigint;
  readonly action_id: string;
  readonly attempt: number;
  readonly kind: 'undo' | 'paid';
}

/**
 * Does again what a type could not do when it had to: undo what failed, unless that was retried meanwhile, or what follows from being paid,
 * where nothing could be given back. Gives whether there was one that is due.
 */
export function runParked(pool: Pool): Promise<boolean> {
  return inTransaction(pool, async (tx) => {
    const { rows } = await tx.query<ParkedRow>(
      `select id, action_id, attempt, kind from effects
       where kind in ('undo', 'paid') and done_at is null and due_at <= clock_timestamp()
       order by due_at limit 1 for no key update skip locked`,
    );
    const [parked] = rows;
    if (parked === undefined) return false;
    const failed = await runAgain(tx, parked);
    await tx.query(
      `update effects set done_at = case when $2::text is null then clock_timestamp() end, last_error = $2, tries = tries + 1,
         due_at = clock_timestamp() + least(3600, 30 * power(2, tries)) * interval '1 second'
       where id = $1`,
      [parked.id, failed?.because ?? null],
    );
    return true;
  });
}

async function runAgain(tx: ClientBase, parked: ParkedRow): Promise<NotDone | undefined> {
  const action = await loadAction(tx, parked.action_id);
  if (parked.kind === 'paid') return inSavepoint(tx, () => makePaid(tx, [action]));
  return (await isNewest(tx, parked)) ? tryUndo(tx, action) : undefined;
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
