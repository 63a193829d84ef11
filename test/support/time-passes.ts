import type { Pool } from 'pg';
import { inTransaction } from '../../db/transaction.js';

const COLUMNS = {
  credit_history: ['at', 'expires_at'],
  credit_lots: ['granted_at', 'expires_at'],
  credit_past_lots: ['granted_at', 'expires_at'],
  credit_accounts: ['debit_at', 'expired_at', 'returned_at'],
} as const;

/** For credits it is so many hours later: everything that was done to them was done as much earlier. */
export async function timePasses(pool: Pool, hours: number): Promise<void> {
  await inTransaction(pool, async (tx) => {
    await tx.query('set local session_replication_role = replica');
    for (const [table, columns] of Object.entries(COLUMNS)) {
      const sets = columns.map((column) => `${column} = ${column} - $1 * interval '1 hour'`);
      await tx.query(`update ${table} set ${sets.join(', ')}`, [hours]);
    }
  });
}
