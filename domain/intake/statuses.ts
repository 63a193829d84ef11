/** A cart that is not placed yet: may never become an order, and keeps its id when it does. */
export function isDraft(status: string): boolean {
  return DRAFTS.has(status);
}

/** Nothing more has to happen. `failed` may be paid again, but normally is not. */
export function isFinal(status: string): boolean {
  return FINAL.has(status) || isDraft(status);
}

const DRAFTS: ReadonlySet<string> = new Set(['checkout-draft', 'auto-draft', 'draft', 'new']);
const FINAL: ReadonlySet<string> = new Set([
  ...['completed', 'cancelled', 'refunded', 'failed', 'trash', 'deleted'],
]);

/** Of subscriptions, which stores list among orders. */
export function isSubscriptionStatus(status: string): boolean {
  return ['active', 'expired', 'pending-cancel', 'switched'].includes(status);
}
