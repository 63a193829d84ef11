import type { Pool } from 'pg';
import { inTransaction } from '../../../db/transaction.js';
import type { LedgerName } from '../../../domain/credits/lot.js';
import { lockAccounts } from '../accounts.js';
import { type Difference, isSame } from '../projection/compare.js';
import { projectAddresses } from '../projection/project.js';
import { addressBatches, type AddressRange } from './addresses.js';
import { beginReplay, markVerified } from './generation.js';

export interface RebuiltAddress {
  readonly ledger: LedgerName;
  readonly address: string;
  /** Whether the stored rows differed from the replay of the history. */
  readonly differed: boolean;
  readonly difference: Difference;
}

export interface RebuildOptions {
  /** Writes nothing. */
  readonly dryRun: boolean;
}

/**
 * A rebuild fills tables, and may be the first that reads a history that was brought in. A plan that was made when these had a few rows,
 * and kept, reads all of a ledger for each batch.
 */
const PLAN_EACH = 'set local plan_cache_mode = force_custom_plan';

/**
 * Rebuilds the lots of addresses from their histories in one transaction, under their locks. It can run beside other writes, which
 * wait for it. Writes only what differs.
 */
export function rebuildAddresses(
  pool: Pool,
  ledger: LedgerName,
  addresses: readonly string[],
  { dryRun }: RebuildOptions,
): Promise<readonly RebuiltAddress[]> {
  return inTransaction(pool, async (tx) => {
    await tx.query(PLAN_EACH);
    const { rules } = await lockAccounts(tx, ledger, addresses);
    const options = { refuseUncovered: false, dryRun };
    const projected = await projectAddresses(tx, ledger, addresses, rules, options);
    return projected.map(({ address, difference }) => ({
      ...{ ledger, address, difference },
      differed: !isSame(difference),
    }));
  });
}

/** {@link rebuildAddresses} of one address. */
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

/** Addresses that were rebuilt in one transaction. */
export interface RebuiltBatch {
  /** The last of them: all addresses up to it are done. */
  readonly through: string;
  readonly addresses: number;
  /** Rows of their histories. */
  readonly rows: number;
  readonly differing: readonly RebuiltAddress[];
}

/** Rebuilds a range, batch by batch. After an interruption it can continue after the last batch's end. */
export async function* rebuildRange(
  pool: Pool,
  range: AddressRange,
  options: RebuildOptions,
): AsyncGenerator<RebuiltBatch> {
  for await (const { addresses, rows } of addressBatches(pool, range)) {
    const rebuilt = await rebuildAddresses(pool, range.ledger, addresses, options);
    yield {
      through: addresses.at(-1) ?? range.after,
      addresses: addresses.length,
      rows,
      differing: rebuilt.filter(({ differed }) => differed),
    };
  }
}

/**
 * Rebuilds a whole ledger in this process, one transaction after the other, and marks it as verified. Returns the number of
 * addresses and how many of them differed.
 */
export async function rebuildLedger(
  pool: Pool,
  ledger: LedgerName,
): Promise<{ addresses: number; differed: number }> {
  const generation = await beginReplay(pool, ledger);
  const done = { addresses: 0, differed: 0 };
  const range = { ledger, after: '', through: null };
  for await (const { addresses, differing } of rebuildRange(pool, range, { dryRun: false })) {
    done.addresses += addresses;
    done.differed += differing.length;
  }
  await markVerified(pool, ledger, generation);
  return done;
}
