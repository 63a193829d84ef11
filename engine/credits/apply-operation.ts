import type { ClientBase } from 'pg';
import { MAX_AMOUNT } from '../../domain/credits/lot.js';
import { Refusal } from '../../domain/refusal.js';
import { type CreditAccount, isKnown, lockAccounts, type LockedAccounts } from './accounts.js';
import type { HistoryRow } from './history-rows.js';
import { isLateGrant } from './late-entries.js';
import { addressesOf, checkEntries, type Operation } from './operation.js';
import { planRows, type PlannedRows } from './plan-rows.js';
import { planDrains } from './plan-drains.js';
import { projectAddresses } from './projection/project.js';
import { writeOperation } from './write-operation.js';

export interface Applied {
  /** It was applied before: nothing was changed now. */
  readonly replayed: boolean;
  readonly rows: readonly HistoryRow[];
}

const REPLAYED: Applied = { replayed: true, rows: [] };

/**
 * Applies an operation at its instant, in full or not at all: checks and drains under the locks of its accounts. Addresses with an
 * entry dated before something that was drained already are replayed. Throws Refusal; the caller rolls back.
 */
export async function applyOperation(tx: ClientBase, operation: Operation): Promise<Applied> {
  checkEntries(operation);
  const { ledger, ref, entries } = operation;
  const locked = await lockAccounts(tx, ledger, addressesOf(entries), ref);
  if (locked.known) return REPLAYED;
  const plan = await planOperation(tx, operation, locked).catch(async (error: unknown) => {
    // While this waited for the locks, the same operation may have been applied, which left too little to do it twice.
    if (error instanceof Refusal && (await isKnown(tx, ledger, ref))) return undefined;
    throw error;
  });
  if (plan === undefined) return REPLAYED;
  const { planned, late } = plan;
  const merges = locked.rules.mergesFromUs !== null;
  if (!(await writeOperation(tx, operation, planned, { late, merges }))) return REPLAYED;
  if (late.size > 0) {
    await projectAddresses(tx, ledger, [...late], locked.rules, { refuseUncovered: true });
  }
  return { replayed: false, rows: planned.rows };
}

interface Plan {
  readonly planned: PlannedRows;
  readonly late: ReadonlySet<string>;
}

async function planOperation(
  tx: ClientBase,
  operation: Operation,
  locked: LockedAccounts,
): Promise<Plan> {
  const { accounts, rules } = locked;
  const { slices, late } = await planDrains(tx, operation, locked);
  const planned = planRows(operation, slices);
  checkTotals(accounts, planned.rows);
  for (const row of planned.rows) {
    if (row.amount > 0n && isLateGrant(accounts.get(row.address), row, rules))
      late.add(row.address);
  }
  return { planned, late };
}

/** Sums over an address must fit a BIGINT. */
function checkTotals(
  accounts: ReadonlyMap<string, CreditAccount>,
  rows: readonly HistoryRow[],
): void {
  const totals = new Map<string, bigint>();
  for (const { address, amount } of rows) {
    if (amount < 0n) continue;
    const total = (totals.get(address) ?? accounts.get(address)?.granted ?? 0n) + amount;
    if (total > MAX_AMOUNT) {
      throw new Refusal(
        'credits.amount_too_large',
        `the grants of ${address} would sum to too much`,
      );
    }
    totals.set(address, total);
  }
}
