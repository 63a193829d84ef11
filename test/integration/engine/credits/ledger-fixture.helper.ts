import type { Pool } from 'pg';
import { applyOperation } from '../../../../engine/credits/apply-operation.js';
import type { OperationEntry } from '../../../../engine/credits/operation.js';
import { readAddresses } from '../../../../engine/credits/rebuild/addresses.js';
import { rebuildAddress } from '../../../../engine/credits/rebuild/rebuild.js';
import { inTransaction } from '../../../../db/transaction.js';
import type { LedgerName } from '../../../../domain/credits/lot.js';
import { Refusal } from '../../../../domain/refusal.js';
import {
  createScratchSchema,
  type ScratchSchema,
} from '../../../../services/cli/credits/scratch-schema.js';
import type { ModelOperation } from '../../../support/credits-model-ledger.js';
import { emptyDatabase } from '../../../support/empty-database.js';

export interface LedgerForTests extends ScratchSchema {
  close(): Promise<void>;
}

/** The credit tables in a database of their own. */
export async function ledgerForTests(connections = 4): Promise<LedgerForTests> {
  const database = await emptyDatabase();
  const scratch = await createScratchSchema(database.url, connections);
  return {
    ...scratch,
    close: async () => {
      await scratch.drop();
      await database.drop();
    },
  };
}

function entriesOf(operation: ModelOperation): readonly OperationEntry[] {
  switch (operation.kind) {
    case 'grant':
      return operation.entries.map(({ address, amount, expires }) => ({
        ...{ kind: 'grant', address, amount, expiresUs: expires, detail: {} },
      }));
    case 'expense':
      return operation.entries.map(({ address, amount }) => ({
        ...{ kind: 'debit', address, amount, covered: operation.covered },
        detail: { paymentMethod: 'credit_expense' },
      }));
    case 'transfer':
      return operation.entries.map(({ address, amount, expires }) => ({
        ...{
          kind: 'transfer',
          sender: operation.sender,
          recipient: address,
          amount,
          expiresUs: expires,
        },
      }));
  }
}

/** `done`, `replayed`, or the code of the refusal. */
export async function applyToLedger(
  pool: Pool,
  ledger: LedgerName,
  operation: ModelOperation,
): Promise<string> {
  const { ref, at } = operation;
  try {
    const { replayed } = await inTransaction(pool, (tx) =>
      applyOperation(tx, { ledger, ref, atUs: at, entries: entriesOf(operation) }),
    );
    return replayed ? 'replayed' : 'done';
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
}

/** The addresses of these tests are not accounts, so expiries are not posted. */
export const skipPosting = (): Promise<void> => Promise.resolve();

/** Addresses whose sums do not balance, or with a lot that is both live and past. Always empty, unless there is a bug. */
export async function findImbalances(pool: Pool): Promise<readonly unknown[]> {
  const { rows } = await pool.query<{ address: string; what: string }>(
    `select address, 'address' as what from credit_books where lots_difference <> 0 or debits_difference <> 0
     union all
     select address, credit_ref from credit_lot_books where difference <> 0
     union all
     select l.address, 'in two places' from credit_lots l join credit_past_lots p
       using (ledger, address, credit_ref, credit_index)`,
  );
  return rows;
}

/** Addresses whose lots a rebuild would change. */
export async function differingAddresses(
  pool: Pool,
  ledger: LedgerName,
): Promise<readonly string[]> {
  const differing: string[] = [];
  for (const address of await readAddresses(pool, ledger, '', 10_000)) {
    const { differed } = await rebuildAddress(pool, ledger, address, { dryRun: true });
    if (differed) differing.push(address);
  }
  return differing;
}

/** Lots that are not empty, drains and shortfalls of an address, as sorted texts. */
export async function storedState(
  pool: Pool,
  ledger: LedgerName,
  address: string,
): Promise<Readonly<Record<'lots' | 'drains' | 'shorts', readonly string[]>>> {
  const lots = await pool.query<{ line: string }>(
    `select credit_ref || '#' || credit_index || ' ' || left_over as line from (
       select ledger, address, credit_ref, credit_index, remaining as left_over from credit_lots
       union all
       select ledger, address, credit_ref, credit_index, expired from credit_past_lots where expired > 0) l
     where ledger = $1 and address = $2`,
    [ledger, address],
  );
  const drains = await pool.query<{ line: string }>(
    `select debit_ref || '#' || debit_index || ' ' || lot_ref || '#' || lot_index || ' ' || amount as line
     from credit_drains where ledger = $1 and address = $2`,
    [ledger, address],
  );
  const shorts = await pool.query<{ line: string }>(
    `select debit_ref || '#' || debit_index || ' ' || amount as line from credit_shortfalls
     where ledger = $1 and address = $2`,
    [ledger, address],
  );
  const linesOf = (rows: readonly { line: string }[]): string[] =>
    rows.map(({ line }) => line).sort();
  return {
    lots: linesOf(lots.rows),
    drains: linesOf(drains.rows),
    shorts: linesOf(shorts.rows),
  };
}
