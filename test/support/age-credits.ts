import type { Pool } from 'pg';
import { inTransaction } from '../../db/transaction.js';

const COLUMNS = {
  credit_history: ['at', 'expires_at'],
  credit_lots: ['granted_at', 'expires_at'],
  credit_past_lots: ['granted_at', 'expires_at'],
  credit_accounts: ['debit_at', 'expired_at', 'returned_at', 'merged_at'],
} as const;

/** Moves every time of the credit tables `hours` into the past, as if that time had passed. Negative: into the future. */
export async function ageCredits(pool: Pool, hours: number): Promise<void> {
  await inTransaction(pool, async (tx) => {
    await tx.query('set local session_replication_role = replica');
    for (const [table, columns] of Object.entries(COLUMNS)) {
      const sets = columns.map((column) => `${column} = ${column} - $1 * interval '1 hour'`);
      await tx.query(`update ${table} set ${sets.join(', ')}`, [hours]);
    }
  });
}
