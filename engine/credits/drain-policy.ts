import type { Pool } from 'pg';
import { inTransaction } from '../../db/transaction.js';
import type { LedgerName } from '../../domain/credits/lot.js';
import type { DrainOrder } from '../../domain/credits/drain-policy.js';
import { isoOfUs, type Us } from '../../domain/credits/time.js';
import { Refusal } from '../../domain/refusal.js';

export interface PolicyChange {
  readonly ledger: LedgerName;
  readonly fromUs: Us;
  readonly order: DrainOrder;
}

/**
 * Sets the drain order of a ledger from an instant on. Throws Refusal `credits.policy_past` when a debit is dated at or after it:
 * that was drained in another order.
 */
export function setDrainPolicy(pool: Pool, { ledger, fromUs, order }: PolicyChange): Promise<void> {
  const from = isoOfUs(fromUs);
  return inTransaction(pool, async (tx) => {
    // Every transaction that drains reads this table. The lock waits for those that run and blocks new ones.
    await tx.query('lock table credit_policies in access exclusive mode');
    const { rows } = await tx.query<{ late: boolean }>(
      `select exists (select from credit_accounts where ledger = $1 and debit_at >= $2) as late`,
      [ledger, from],
    );
    if (rows[0]?.late === true) {
      throw new Refusal('credits.policy_past', `a debit is dated ${from} or later`);
    }
    await tx.query(
      `insert into credit_policies (ledger, from_at, drain_order) values ($1, $2, $3)
       on conflict (ledger, from_at) do update set drain_order = excluded.drain_order`,
      [ledger, from, order],
    );
  });
}
