import type { ClientBase } from 'pg';
import { Refusal } from '../../../domain/refusal.js';
import type { ActionSubject } from '../attempt-row.js';

/** Validates again, then performs; false when it is refused, with nothing written. */
export async function tryPerform(
  tx: ClientBase,
  subject: ActionSubject,
  attempt: number,
): Promise<boolean> {
  await tx.query('savepoint perform');
  try {
    await subject.steps.validate(tx);
    await performOrRetry(tx, subject, attempt);
    await tx.query('release savepoint perform');
    return true;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    await tx.query('rollback to savepoint perform');
    return false;
  }
}

/** Calls onRetry where an earlier attempt performed and undid the action, else perform. */
export async function performOrRetry(
  tx: ClientBase,
  subject: ActionSubject,
  attempt: number,
): Promise<void> {
  if (attempt === 1) return subject.steps.perform(tx);
  const { rowCount } = await tx.query(
    'select 1 from attempts where action_id = $1 and attempt < $2 and performed limit 1',
    [subject.id, attempt],
  );
  await (rowCount === 0 ? subject.steps.perform(tx) : subject.steps.onRetry(tx));
}
