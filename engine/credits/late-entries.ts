import { byHistory } from '../../domain/credits/order.js';
import { isMergingAt, type LedgerRules } from '../../domain/credits/rules.js';
import type { CreditAccount } from './accounts.js';
import type { HistoryRow } from './history-rows.js';
import type { Operation, RequestedDebit } from './operation.js';

/**
 * Whether a grant is dated before something that depends on it: a debit that was drained already, the first grant of the lot that it
 * would merge into or, for a refund, an expiry that was processed.
 */
export function isLateGrant(
  account: CreditAccount | undefined,
  row: HistoryRow,
  rules: LedgerRules,
): boolean {
  if (isBeforeMerging(row, rules)) return true;
  if (account === undefined) return false;
  const { debit, expiredUs, mergedUs } = account;
  if (row.refundOf !== undefined && expiredUs !== null && row.atUs < expiredUs) return true;
  if (row.expiresUs === null && mergedUs !== null && row.atUs <= mergedUs) return true;
  return debit !== null && byHistory(row, { ...debit, amount: -1n }) < 0;
}

/** Whether a debit is dated before something that was processed already. The debits come in order: the first is the earliest. */
export function isLateDebit(
  account: CreditAccount | undefined,
  { atUs }: Operation,
  [first]: readonly RequestedDebit[],
  rules: LedgerRules,
): boolean {
  if (isBeforeMerging({ atUs }, rules)) return true;
  if (account === undefined || first === undefined) return false;
  const { debit, expiredUs, returnedUs, mergedUs } = account;
  if (expiredUs !== null && atUs < expiredUs) return true;
  // The lots do not say which part of them was refunded or merged later.
  if (returnedUs !== null && atUs < returnedUs) return true;
  if (mergedUs !== null && atUs < mergedUs) return true;
  const amount = -first.entry.amount;
  return debit !== null && byHistory({ ...first.key, atUs, amount }, { ...debit, amount }) < 0;
}

/** The stored lots are those after the instant at which a ledger began to merge. */
function isBeforeMerging({ atUs }: Pick<Operation, 'atUs'>, rules: LedgerRules): boolean {
  return rules.mergesFromUs !== null && !isMergingAt(rules, atUs);
}
