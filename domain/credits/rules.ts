import type { DrainPolicy } from './drain-policy.js';
import { isExpiredAt, type Lot } from './lot.js';
import type { Us } from './time.js';

/** The rules of a ledger. */
export interface LedgerRules {
  readonly policies: readonly DrainPolicy[];
  /**
   * From then on (inclusive), grants that never expire merge into one live lot per address. The live lots that never expire are
   * merged at that instant, before anything else. Null: each grant is a lot, always.
   */
  readonly mergesFromUs: Us | null;
}

/** Whether a ledger merges grants that never expire at an instant. */
export function isMergingAt({ mergesFromUs }: LedgerRules, at: Us): boolean {
  return mergesFromUs !== null && at >= mergesFromUs;
}

/** Whether a refund goes back to the lot it was drained from. A lot that never expires takes no refunds where grants merge. */
export function isReturnedTo(
  { expiresUs }: Pick<Lot, 'expiresUs'>,
  at: Us,
  rules: LedgerRules,
): boolean {
  return !isExpiredAt(expiresUs, at) && !(expiresUs === null && isMergingAt(rules, at));
}
