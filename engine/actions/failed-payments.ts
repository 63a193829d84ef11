import type { ClientBase, Pool } from 'pg';
import { inTransaction } from '../../db/transaction.js';
import { Refusal } from '../../domain/refusal.js';
import { automaticTypes, openableTypes } from './types/index.js';

type Db = Pick<ClientBase, 'query'>;

/** SQL: failed payments, as of the statement: a volatile time would keep the planner from looking into the function. $1 and $2: {@link failedTypes}. */
export const FAILED_PAYMENTS = 'failed_payments($1::text[], $2::text[], statement_timestamp())';
/** SQL: those that are shown to their payer. */
export const IS_NOTICE = 'not f.retries and not f.dismissed';

export function failedTypes(): readonly [readonly string[], readonly string[]] {
  return [openableTypes(), automaticTypes()];
}

/** The payer has seen those that are shown now. One that is still tried again will be new when it is shown. */
export async function markFailedRead(tx: Db, account: string): Promise<void> {
  await tx.query(
    `insert into failed_payment_marks (action_id, attempt)
     select f.action_id, f.attempt from ${FAILED_PAYMENTS} f where f.account = $3 and ${IS_NOTICE} and not f.read
     on conflict (action_id) do update set attempt = excluded.attempt, read_at = clock_timestamp(), dismissed_at = null
       where failed_payment_marks.attempt < excluded.attempt`,
    [...failedTypes(), account],
  );
}

/**
 * Not shown any more, and never tried again but by its author. Again is the same as once. Throws Refusal `notice.not_found` where the
 * account has no such failure, or a newer attempt of it.
 */
export function dismissFailed(
  pool: Pool,
  account: string,
  actionId: string,
  attempt: number,
): Promise<void> {
  return inTransaction(pool, async (tx) => {
    // Of a retry and a dismissal at the same time, one comes first.
    await tx.query('select from actions where id = $1 for no key update', [actionId]);
    const { rowCount } = await tx.query(
      `insert into failed_payment_marks (action_id, attempt, dismissed_at)
       select f.action_id, f.attempt, clock_timestamp() from ${FAILED_PAYMENTS} f
       where f.account = $3 and f.action_id = $4 and f.attempt = $5
       on conflict (action_id) do update set attempt = excluded.attempt,
         dismissed_at = coalesce(case when failed_payment_marks.attempt = excluded.attempt then failed_payment_marks.dismissed_at end,
           excluded.dismissed_at)`,
      [...failedTypes(), account, actionId, attempt],
    );
    if (rowCount !== 1) {
      throw new Refusal(
        'notice.not_found',
        `attempt ${attempt} of it is no failed payment of yours`,
      );
    }
  });
}
