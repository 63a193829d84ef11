import type { Pool } from 'pg';
import { groupBy } from '../../domain/credits/group-by.js';
import type { LedgerName } from '../../domain/credits/lot.js';
import { type Difference, isSame } from './compare-projection.js';
import { rebuildAddresses } from './rebuild.js';
import { addressBatches } from './rebuild-range.js';
import { markVerified, readGeneration } from './verified.js';

export interface Finding {
  readonly ledger: LedgerName;
  readonly address: string;
  /** One line each. */
  readonly faults: readonly string[];
}

/** Compares what is kept of addresses with what follows from their histories, and checks their books. Changes nothing. */
async function verifyAddresses(
  pool: Pool,
  ledger: LedgerName,
  addresses: readonly string[],
): Promise<readonly Finding[]> {
  const compared = await rebuildAddresses(pool, ledger, addresses, { dryRun: true });
  const books = await unbalanced(pool, ledger, addresses);
  return compared.map(({ address, difference }) => ({
    ...{ ledger, address },
    faults: [...linesOf(difference), ...(books.get(address) ?? [])],
  }));
}

/** As {@link verifyAddresses}, for one. */
export async function verifyAddress(
  pool: Pool,
  ledger: LedgerName,
  address: string,
): Promise<Finding> {
  const [finding] = await verifyAddresses(pool, ledger, [address]);
  return finding ?? { ledger, address, faults: [] };
}

/** Verifies all of a ledger, and notes that it is verified when nothing was found. */
export async function verifyLedger(
  pool: Pool,
  ledger: LedgerName,
  tell: (finding: Finding) => void,
): Promise<void> {
  const generation = await readGeneration(pool, ledger);
  let sound = true;
  for await (const { addresses } of addressBatches(pool, { ledger, after: '', through: null })) {
    for (const finding of await verifyAddresses(pool, ledger, addresses)) {
      if (finding.faults.length > 0) sound = false;
      tell(finding);
    }
  }
  if (sound) await markVerified(pool, ledger, generation);
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

async function unbalanced(
  pool: Pool,
  ledger: LedgerName,
  addresses: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const { rows } = await pool.query<{ address: string; line: string }>(
    `select address, format('granted and left, drained and expired differ by %s', lots_difference) as line from credit_books
     where ledger = $1 and address = any($2::text[]) and lots_difference <> 0
     union all
     select address, format('debited and drained or short differ by %s', debits_difference) from credit_books
     where ledger = $1 and address = any($2::text[]) and debits_difference <> 0
     union all
     select address, format('the books of lot %s/%s differ by %s', credit_ref, credit_index, difference)
     from credit_lot_books where ledger = $1 and address = any($2::text[]) and difference <> 0`,
    [ledger, addresses],
  );
  const lines = groupBy(rows, ({ address }) => address);
  return new Map([...lines].map(([address, each]) => [address, each.map(({ line }) => line)]));
}
