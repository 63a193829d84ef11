import type { Us } from './time.js';

/** Which lots a debit takes first: those granted first, or those that expire first. */
export type DrainOrder = 'emission' | 'expiration';

/** The drain order of a ledger from an instant on. */
export interface DrainPolicy {
  /** Null: from the beginning. */
  readonly fromUs: Us | null;
  readonly order: DrainOrder;
}

/** The order in force at an instant: that of the latest policy in force, by default emission first. */
export function drainOrderAt(policies: readonly DrainPolicy[], at: Us): DrainOrder {
  let found: DrainPolicy | undefined;
  for (const policy of policies) {
    if (policy.fromUs !== null && policy.fromUs > at) continue;
    if (found === undefined || (policy.fromUs ?? 0n) >= (found.fromUs ?? 0n)) found = policy;
  }
  return found?.order ?? 'emission';
}
