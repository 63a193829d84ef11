import type { Pool } from 'pg';
import type { LedgerName } from '../../domain/credits/lot.js';
import { type Difference, isSame } from './compare-projection.js';
import { rebuildAddress } from './rebuild.js';

export interface Finding {
  readonly ledger: LedgerName;
  readonly address: string;
  /** One line each. */
  readonly faults: readonly string[];
}

/** Compares what is kept of an address with what follows from its history, and checks its books. Changes nothing. */
export async function verifyAddress(
  pool: Pool,
  ledger: LedgerName,
  address: string,
): Promise<Finding> {
  const { difference } = await rebuildAddress(pool, ledger, address, { dryRun: true });
  const books = await unbalanced(pool, ledger, address);
  return { ledger, address, faults: [...linesOf(difference), ...books] };
}

/** What a rebuild would take away and add, in numbers. */
export function linesOf(difference: Difference): readonly string[] {
  if (isSame(difference)) return [];
  return (['lots', 'drains', 'shortfalls'] as const).flatMap((what) => {
    const { remove, add } = difference[what];
    if (remove.length === 0 && add.length === 0) return [];
    return [`${what}: ${remove.length} are there that should not be, ${add.length} are missing`];
  });
}

async function unbalanced(pool: Pool, ledger: LedgerName, address: string): Promise<string[]> {
  const { rows } = await pool.query<{ line: string }>(
    `select format('granted and left, drained and expired differ by %s', lots_difference) as line from credit_books
     where ledger = $1 and address = $2 and lots_difference <> 0
     union all
     select format('debited and drained or short differ by %s', debits_difference) from credit_books
     where ledger = $1 and address = $2 and debits_difference <> 0
     union all
     select format('the books of lot %s/%s differ by %s', credit_ref, credit_index, difference) from credit_lot_books
     where ledger = $1 and address = $2 and difference <> 0`,
    [ledger, address],
  );
  return rows.map(({ line }) => line);
}
