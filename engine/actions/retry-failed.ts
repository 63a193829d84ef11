import type { ClientBase } from 'pg';
import { isDatabaseUnavailable } from '../../db/errors.js';
import { inTransaction } from '../../db/transaction.js';
import { Refusal } from '../../domain/refusal.js';
import { findAccountNamed } from '../accounts/accounts.js';
import type { EngineContext } from '../context.js';
import { FAILED_PAYMENTS, failedTypes } from './failed-payments.js';
import { retryAction } from './retry.js';

/** Between two tries of an action, and after its failure: whoever has failed it may try it by hand first. */
const PAUSE_SECONDS = 30;
const AT_ONCE = 50;

interface Claimed {
  readonly action_id: string;
  readonly attempt: number;
  readonly account: string;
}

/**
 * Tries failed payments again that the system is to try again: a new attempt each, by balance where it covers the cost by now, else with a
 * new invoice for the wallet of the account. A try is counted before it is made, so that one which cannot even be set up is not made for
 * ever. Gives how many were tried.
 */
export async function retryFailed(engine: EngineContext): Promise<number> {
  const claimed = await inTransaction(engine.pool, claim);
  for (const failed of claimed) await retryOne(engine, failed);
  return claimed.length;
}

/** Each by one process: the row of tries is the claim. The oldest failures first. */
async function claim(tx: ClientBase): Promise<readonly Claimed[]> {
  const { rows } = await tx.query<Claimed>(
    `with due as (
       select f.action_id, f.attempt, f.account from ${FAILED_PAYMENTS} f
       where f.retries and f.failed_at > clock_timestamp() - interval '1 hour'
         and f.failed_at < clock_timestamp() - $3 * interval '1 second'
       order by f.failed_at limit $4),
     counted as (
       insert into automatic_retries as r (action_id, tries) select action_id, 1 from due order by action_id
       on conflict (action_id) do update set tries = r.tries + 1, last_at = clock_timestamp(), last_error = null
         where r.last_at < clock_timestamp() - $3 * interval '1 second'
       returning action_id)
     select due.* from due join counted using (action_id)`,
    [...failedTypes(), PAUSE_SECONDS, AT_ONCE],
  );
  return rows;
}

async function retryOne(engine: EngineContext, failed: Claimed): Promise<void> {
  const { action_id: actionId, attempt } = failed;
  try {
    const account = await findAccountNamed(engine.pool, failed.account);
    const caller = { kind: 'account', ...account } as const;
    await retryAction(engine, { actionId, attempt, payment: 'auto', caller, automatic: true });
  } catch (error) {
    if (isDatabaseUnavailable(error)) throw error;
    await engine.pool.query('update automatic_retries set last_error = $2 where action_id = $1', [
      actionId,
      error instanceof Refusal ? error.code : String(error),
    ]);
  }
}
