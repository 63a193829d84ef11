import type { Pool } from 'pg';
import { inTransaction } from '../../db/transaction.js';
import type { LedgerName } from '../../domain/credits/lot.js';
import { lockCreditAccounts, readContext } from './accounts.js';
import { type Difference, isSame } from './compare-projection.js';
import { projectAddress } from './project-address.js';

export interface RebuiltAddress {
  readonly ledger: LedgerName;
  readonly address: string;
  /** Whether what was stored differed from what follows from the history. */
  readonly differed: boolean;
  readonly difference: Difference;
}

/**
 * Makes an address's lots again from its history, under its lock: it may run while writes go on. Writes only what differs; with
 * `dryRun`, nothing.
 */
export function rebuildAddress(
  pool: Pool,
  ledger: LedgerName,
  address: string,
  { dryRun }: { readonly dryRun: boolean },
): Promise<RebuiltAddress> {
  return inTransaction(pool, async (tx) => {
    await lockCreditAccounts(tx, ledger, [address]);
    const { policies } = await readContext(tx, ledger, null);
    const options = { refuseUncovered: false, dryRun };
    const difference = await projectAddress(tx, ledger, address, policies, options);
    return { ledger, address, differed: !isSame(difference), difference };
  });
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
