import type { ClockKind } from '../business-clock.js';
import { clampHours, ALERT_P, VERIFY_P } from './limits.js';
import { PRIOR, type Prior, predictedQuantile } from './log-normal.js';

/** How long an order may stay in a status before the store is asked, and before people are told. */
export interface Threshold {
  readonly clock: ClockKind;
  readonly verifyHours: number;
  readonly alertHours: number;
}

/** Drafts come and go, and where an order ends it may stay. */
const NEVER_STUCK: ReadonlySet<string> = new Set([
  'checkout-draft',
  'auto-draft',
  'draft',
  'new',
  'trash',
  'failed',
  'completed',
  'cancelled',
  'refunded',
]);

/** Whether an order may be stuck in this status; statuses of plugins may be, too. */
export function mayBeStuck(status: string): boolean {
  return !NEVER_STUCK.has(status);
}

/** What holds while nothing is learned: for `processing` and unknown statuses what the prior predicts. */
export function defaultThreshold(status: string, prior: Prior = PRIOR): Threshold {
  // Twice the time after which a store cancels what was not paid.
  if (status === 'pending') return { clock: 'wall', verifyHours: 2, alertHours: 2 };
  // Five working days for a bank transfer.
  if (status === 'on-hold') return { clock: 'business', verifyHours: 40, alertHours: 40 };
  return {
    clock: 'business',
    verifyHours: clampHours(predictedQuantile(prior, VERIFY_P), 'business'),
    alertHours: clampHours(predictedQuantile(prior, ALERT_P), 'business'),
  };
}
