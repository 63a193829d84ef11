import type { ClientBase } from 'pg';
import { keyText, type LedgerName } from '../../../domain/credits/lot.js';
import { byHistory } from '../../../domain/credits/order.js';
import { type Projection, replay } from '../../../domain/credits/replay.js';
import type { LedgerRules } from '../../../domain/credits/rules.js';
import { isoOfUs, type Us } from '../../../domain/credits/time.js';
import { Refusal } from '../../../domain/refusal.js';
import { compareProjection, type Difference, drainKey, isSame } from './compare.js';
import { readHistories, readStored, type ReplayRow, type Stored } from './read.js';
import { type AccountState, writeAccounts, writeDifferences } from './write.js';

export interface ProjectOptions {
  /** Whether to refuse a history in which an accepted debit is no longer covered: true for a late entry, false for a rebuild. */
  readonly refuseUncovered: boolean;
  readonly dryRun?: boolean;
}

/** How the stored rows of an address differ from the replay of its history. */
export interface ProjectedAddress {
  readonly address: string;
  readonly difference: Difference;
}

/**
 * Replays the histories of locked addresses, writes the rows that differ, and returns the differences. Throws Refusal
 * `credits.would_uncover`.
 */
export async function projectAddresses(
  tx: ClientBase,
  ledger: LedgerName,
  addresses: readonly string[],
  rules: LedgerRules,
  { refuseUncovered, dryRun = false }: ProjectOptions,
): Promise<readonly ProjectedAddress[]> {
  const histories = await readHistories(tx, ledger, addresses);
  const stored = await readStored(tx, ledger, addresses);
  const accounts: AccountState[] = [];
  const projected = addresses.map((address, place): ProjectedAddress => {
    const history = histories[place] ?? [];
    const before = stored[place] ?? NOTHING;
    const projection = replay(history, rules);
    if (refuseUncovered) {
      checkCovered(ledger, history, before, projection);
      checkRefunds(history, projection);
    }
    accounts.push(accountOf(address, history, rules));
    return { address, difference: compareProjection(before, projection) };
  });
  if (dryRun) return projected;
  const differing = projected.filter(({ difference }) => !isSame(difference));
  if (differing.length > 0) await writeDifferences(tx, ledger, differing);
  await writeAccounts(tx, ledger, accounts);
  return projected;
}

const NOTHING: Stored = { lots: [], drains: [], shortfalls: [] };

/** Debits that must be covered in full: all but the expenses of ledger `aleph`, whose messages can arrive late. */
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

/** A refund must not exceed its drain: otherwise a lot would hold more than was ever in it. */
function checkRefunds(history: readonly ReplayRow[], { drains }: Projection): void {
  if (history.every(({ refund }) => refund === null)) return;
  const drained = new Map(drains.map((drain) => [drainKey(drain), drain.amount]));
  for (const { ref, amount, refund } of history) {
    if (refund === null || amount <= (drained.get(drainKey(refund)) ?? 0n)) continue;
    throw new Refusal(
      'credits.would_uncover',
      `${ref} refunded ${amount} that ${refund.debit.ref} would not have drained from its lot`,
    );
  }
}

function accountOf(
  address: string,
  history: readonly ReplayRow[],
  { mergesFromUs }: LedgerRules,
): AccountState {
  let granted = 0n;
  let debit: ReplayRow | undefined;
  let returnedUs: Us | null = null;
  let mergedUs: Us | null = null;
  for (const row of history) {
    if (row.amount > 0n) granted += row.amount;
    else if (debit === undefined || byHistory(debit, row) < 0) debit = row;
    if (row.refund !== null) returnedUs = laterOf(returnedUs, row.atUs);
    const isMerged = mergesFromUs !== null && row.amount > 0n && row.expiresUs === null;
    if (isMerged) mergedUs = laterOf(mergedUs, row.atUs);
  }
  return { address, granted, debit: debit ?? null, returnedUs, mergedUs };
}

function laterOf(a: Us | null, b: Us): Us {
  return a !== null && a > b ? a : b;
}
