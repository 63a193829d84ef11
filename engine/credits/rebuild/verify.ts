import type { Pool } from 'pg';
import { groupBy } from '../../../domain/group-by.js';
import type { LedgerName } from '../../../domain/credits/lot.js';
import { type Difference, isSame } from '../projection/compare.js';
import { rebuildAddresses } from './rebuild.js';
import { addressBatches } from './addresses.js';
import { beginReplay, markVerified } from './generation.js';

export interface Finding {
  readonly ledger: LedgerName;
  readonly address: string;
  /** One line of text each. */
  readonly faults: readonly string[];
}

/** Compares the stored rows of addresses with the replay of their histories, and that their sums balance. Writes nothing. */
async function verifyAddresses(
  pool: Pool,
  ledger: LedgerName,
  addresses: readonly string[],
): Promise<readonly Finding[]> {
  const compared = await rebuildAddresses(pool, ledger, addresses, { dryRun: true });
  const books = await readImbalances(pool, ledger, addresses);
  return compared.map(({ address, difference }) => ({
    ...{ ledger, address },
    faults: [...linesOf(difference), ...(books.get(address) ?? [])],
  }));
}

/** {@link verifyAddresses} of one address. */
export async function verifyAddress(
  pool: Pool,
  ledger: LedgerName,
  address: string,
): Promise<Finding> {
  const [finding] = await verifyAddresses(pool, ledger, [address]);
  return finding ?? { ledger, address, faults: [] };
}

/** Verifies a whole ledger, and marks it as verified when no address has a fault. */
export async function verifyLedger(
  pool: Pool,
  ledger: LedgerName,
  report: (finding: Finding) => void,
): Promise<void> {
  const generation = await beginReplay(pool, ledger);
  let isFaultless = true;
  for await (const { addresses } of addressBatches(pool, { ledger, after: '', through: null })) {
    for (const finding of await verifyAddresses(pool, ledger, addresses)) {
      if (finding.faults.length > 0) isFaultless = false;
      report(finding);
    }
  }
  if (isFaultless) await markVerified(pool, ledger, generation);
}

/** The numbers of rows that a rebuild would remove and add, as lines of text. */
export function linesOf(difference: Difference): readonly string[] {
  if (isSame(difference)) return [];
  return (['lots', 'drains', 'shortfalls'] as const).flatMap((what) => {
    const { remove, add } = difference[what];
    if (remove.length === 0 && add.length === 0) return [];
    return [`${what}: ${remove.length} to remove, ${add.length} to add`];
  });
}

async function readImbalances(
  pool: Pool,
  ledger: LedgerName,
  addresses: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const { rows } = await pool.query<{ address: string; line: string }>(
    `select address, format('grants and the sum of remaining, drained and expired differ by %s', lots_difference) as line from credit_books
     where ledger = $1 and address = any($2::text[]) and lots_difference <> 0
     union all
     select address, format('debits and the sum of drains and shortfalls differ by %s', debits_difference) from credit_books
     where ledger = $1 and address = any($2::text[]) and debits_difference <> 0
     union all
     select address, format('grant and the sum of remaining, drained and expired of lot %s/%s differ by %s', credit_ref, credit_index, difference)
     from credit_lot_books where ledger = $1 and address = any($2::text[]) and difference <> 0`,
    [ledger, addresses],
  );
  const lines = groupBy(rows, ({ address }) => address);
  return new Map([...lines].map(([address, each]) => [address, each.map(({ line }) => line)]));
}
