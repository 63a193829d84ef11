import type { DrainOrder } from './order.js';
import type { Us } from './time.js';

/** From when on a ledger drains in which order. */
export interface DrainPolicy {
  /** Null: since ever. */
  readonly fromUs: Us | null;
  readonly order: DrainOrder;
}

/** The order in force at a moment; of the policies that have begun, the last. */
export function drainOrderAt(policies: readonly DrainPolicy[], at: Us): DrainOrder {
  let found: DrainPolicy | undefined;
  for (const policy of policies) {
    if (policy.fromUs !== null && policy.fromUs > at) continue;
    if (found === undefined || (policy.fromUs ?? 0n) >= (found.fromUs ?? 0n)) found = policy;
  }
  return found?.order ?? 'emission';
}
