import type { ClientBase } from 'pg';
import { keyText, type LedgerName } from '../../domain/credits/lot.js';
import { byHistory } from '../../domain/credits/order.js';
import type { DrainPolicy } from '../../domain/credits/policy.js';
import { type Projection, replay } from '../../domain/credits/replay.js';
import { isoOfUs } from '../../domain/credits/time.js';
import { Refusal } from '../../domain/refusal.js';
import { compareProjection, type Difference, isSame } from './compare-projection.js';
import { readHistoryOf, readStored, type ReplayRow, type Stored } from './read-projection.js';
import { writeDifference } from './write-projection.js';

export interface ProjectOptions {
  /** A rebuild takes the history as it is; a late entry may not uncover what was accepted. */
  readonly refuseUncovered: boolean;
  readonly dryRun?: boolean;
}

/**
 * Replays a locked address's history and stores what follows from it where that differs; tells what differed. Throws Refusal
 * `credits.would_uncover`.
 */
export async function projectAddress(
  tx: ClientBase,
  ledger: LedgerName,
  address: string,
  policies: readonly DrainPolicy[],
  { refuseUncovered, dryRun = false }: ProjectOptions,
): Promise<Difference> {
  const history = await readHistoryOf(tx, ledger, address);
  const stored = await readStored(tx, ledger, address);
  const projection = replay(history, policies);
  if (refuseUncovered) checkCovered(ledger, history, stored, projection);
  const difference = compareProjection(stored, projection);
  if (dryRun) return difference;
  if (!isSame(difference)) await writeDifference(tx, ledger, address, difference);
  await writeAccount(tx, ledger, address, history);
  return difference;
}

/** Debits that must be covered in full: all but the expenses of ledger `aleph`, whose messages come late. */
function mustBeCovered(ledger: LedgerName, row: ReplayRow): boolean {
  return ledger === 'actions' || row.paymentMethod === 'credit_transfer';
}

function checkCovered(
  ledger: LedgerName,
  history: readonly ReplayRow[],
  stored: Stored,
  projection: Projection,
): void {
  if (projection.shortfalls.length === 0) return;
  const before = new Map(stored.shortfalls.map(({ debit, amount }) => [keyText(debit), amount]));
  const rows = new Map(history.map((row) => [keyText(row), row]));
  for (const { debit, amount } of projection.shortfalls) {
    const row = rows.get(keyText(debit));
    if (row === undefined || !mustBeCovered(ledger, row)) continue;
    if (amount <= (before.get(keyText(debit)) ?? 0n)) continue;
    throw new Refusal(
      'credits.would_uncover',
      `${debit.ref} of ${isoOfUs(row.atUs)} was accepted and would lack ${amount}`,
    );
  }
}

async function writeAccount(
  tx: ClientBase,
  ledger: LedgerName,
  address: string,
  history: readonly ReplayRow[],
): Promise<void> {
  let granted = 0n;
  let debit: ReplayRow | undefined;
  for (const row of history) {
    if (row.amount > 0n) granted += row.amount;
    else if (debit === undefined || byHistory(debit, row) < 0) debit = row;
  }
  await tx.query(
    `update credit_accounts set granted = $3, debit_at = $4, debit_ref = $5, debit_index = $6
     where ledger = $1 and address = $2
       and (granted, debit_at, debit_ref, debit_index) is distinct from ($3::bigint, $4::timestamptz, $5::text, $6::integer)`,
    [
      ledger,
      address,
      granted,
      debit === undefined ? null : isoOfUs(debit.atUs),
      debit?.ref ?? null,
      debit?.index ?? null,
    ],
  );
}
