import type { Pool } from 'pg';
import { inTransaction } from '../../db/transaction.js';
import type { LedgerName } from '../../domain/credits/lot.js';
import { lockAccounts } from './accounts.js';
import { type Difference, isSame } from './compare-projection.js';
import { projectAddresses } from './project-address.js';

export interface RebuiltAddress {
  readonly ledger: LedgerName;
  readonly address: string;
  /** Whether what was stored differed from what follows from the history. */
  readonly differed: boolean;
  readonly difference: Difference;
}

export interface RebuildOptions {
  /** Writes nothing. */
  readonly dryRun: boolean;
}

/**
 * Makes the lots of addresses again from their histories, all in one transaction under their locks: it may run while writes go
 * on, which wait. Writes only what differs.
 */
export function rebuildAddresses(
  pool: Pool,
  ledger: LedgerName,
  addresses: readonly string[],
  { dryRun }: RebuildOptions,
): Promise<readonly RebuiltAddress[]> {
  return inTransaction(pool, async (tx) => {
    const { policies } = await lockAccounts(tx, ledger, addresses, null);
    const options = { refuseUncovered: false, dryRun };
    const projected = await projectAddresses(tx, ledger, addresses, policies, options);
    return projected.map(({ address, difference }) => ({
      ...{ ledger, address, difference },
      differed: !isSame(difference),
    }));
  });
}

/** As {@link rebuildAddresses}, for one. */
export async function rebuildAddress(
  pool: Pool,
  ledger: LedgerName,
  address: string,
  options: RebuildOptions,
): Promise<RebuiltAddress> {
  const [rebuilt] = await rebuildAddresses(pool, ledger, [address], options);
  if (rebuilt === undefined) throw new Error('nothing was rebuilt');
  return rebuilt;
}

/** Addresses with a history, in their order, after one. */
export async function readAddresses(
  pool: Pool,
  ledger: LedgerName,
  after: string,
  limit: number,
): Promise<readonly string[]> {
  // One probe of the index per address, however long its history.
  const { rows } = await pool.query<{ address: string }>(
    `with recursive walk as (
       (select address from credit_history where ledger = $1 and address > $2 order by address limit 1)
       union all
       select (select h.address from credit_history h where h.ledger = $1 and h.address > walk.address
               order by h.address limit 1)
       from walk where walk.address is not null)
     select address from walk where address is not null limit $3`,
    [ledger, after, limit],
  );
  return rows.map(({ address }) => address);
}
