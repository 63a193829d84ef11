import type { Pool } from 'pg';
import type { LedgerName } from '../../domain/credits/lot.js';
import { rebuildRange } from './rebuild-range.js';
import { markVerified, readGeneration } from './verified.js';

/**
 * Rebuilds a whole ledger in this process, one transaction after the other, and notes that it is verified. Gives how many addresses
 * there are and how many differed.
 */
export async function rebuildLedger(
  pool: Pool,
  ledger: LedgerName,
): Promise<{ addresses: number; differed: number }> {
  const generation = await readGeneration(pool, ledger);
  const done = { addresses: 0, differed: 0 };
  const range = { ledger, after: '', through: null };
  for await (const { addresses, differing } of rebuildRange(pool, range, { dryRun: false })) {
    done.addresses += addresses;
    done.differed += differing.length;
  }
  await markVerified(pool, ledger, generation);
  return done;
}
