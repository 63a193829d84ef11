import type { ClientBase } from 'pg';
import { byHistory } from '../../domain/credits/order.js';
import { MAX_AMOUNT } from '../../domain/credits/units.js';
import { Refusal } from '../../domain/refusal.js';
import { type CreditAccount, isKnown, lockAccounts, type LockedAccounts } from './accounts.js';
import type { HistoryRow } from './history-rows.js';
import { addressesOf, checkParts, type Operation } from './operation.js';
import { planRows, type PlannedRows } from './plan-operation.js';
import { planTakings } from './plan-drains.js';
import { projectAddresses } from './project-address.js';
import { writeOperation } from './write-operation.js';

export interface Applied {
  /** It had been done before: nothing was changed now. */
  readonly replayed: boolean;
  readonly rows: readonly HistoryRow[];
}

const REPLAYED: Applied = { replayed: true, rows: [] };

/**
 * Does an operation at its instant, whole or not at all: check and drain under the locks of its accounts. What is dated before
 * something that was drained already is put in its place by replaying those addresses. Throws Refusal, with nothing changed once
 * the transaction is rolled back.
 */
export async function applyOperation(tx: ClientBase, operation: Operation): Promise<Applied> {
  checkParts(operation);
  const { ledger, ref, parts } = operation;
  const locked = await lockAccounts(tx, ledger, addressesOf(parts), ref);
  if (locked.known) return REPLAYED;
  const plan = await planOperation(tx, operation, locked).catch(async (error: unknown) => {
    // While the locks were waited for somebody may have done the same: nothing may be left for doing it again.
    if (error instanceof Refusal && (await isKnown(tx, ledger, ref))) return undefined;
    throw error;
  });
  if (plan === undefined) return REPLAYED;
  const { planned, late } = plan;
  if (!(await writeOperation(tx, operation, planned, late))) return REPLAYED;
  if (late.size > 0) {
    await projectAddresses(tx, ledger, [...late], locked.policies, { refuseUncovered: true });
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
  const { accounts } = locked;
  const { takings, late } = await planTakings(tx, operation, locked);
  const planned = planRows(operation, takings);
  checkTotals(accounts, planned.rows);
  for (const row of planned.rows) {
    if (row.amount > 0n && isLateGrant(accounts.get(row.address), row)) late.add(row.address);
  }
  return { planned, late };
}

/** A grant counts before the debits of its instant. What goes back must meet its lot as it was, too. */
function isLateGrant(account: CreditAccount | undefined, row: HistoryRow): boolean {
  if (account === undefined) return false;
  const { debit, expiredUs } = account;
  if (row.refundOf !== undefined && expiredUs !== null && row.atUs < expiredUs) return true;
  return debit !== null && byHistory(row, { ...debit, amount: -1n }) < 0;
}

/** So that sums over an address always fit what they are told in. */
function checkTotals(
  accounts: ReadonlyMap<string, CreditAccount>,
  rows: readonly HistoryRow[],
): void {
  const totals = new Map<string, bigint>();
  for (const { address, amount } of rows) {
    if (amount < 0n) continue;
    const total = (totals.get(address) ?? accounts.get(address)?.granted ?? 0n) + amount;
    if (total > MAX_AMOUNT) {
      throw new Refusal('credits.amount_too_large', `${address} would have been given too much`);
    }
    totals.set(address, total);
  }
}
