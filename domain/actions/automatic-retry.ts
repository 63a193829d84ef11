/** How often the system tries an action again by itself, and for how long after its failure. As the peer's clients did. */
const AUTOMATIC_TRIES = 5;
const AUTOMATIC_WINDOW_MS = 3_600_000;

/** The newest attempt of an action that its author may try again; it has failed. */
export interface FailedPayment {
  /** Its type is one that the system tries again. */
  readonly automatic: boolean;
  /** The account has a wallet that pays without being asked. */
  readonly wanted: boolean;
  readonly reason: string | null;
  readonly failedAt: Date;
  /** Automatic ones so far; one counts also where it could not be set up. */
  readonly tries: number;
  readonly dismissed: boolean;
  /** Its texts were deleted: nothing of it can be tried again. */
  readonly emptied: boolean;
}

/** What becomes of it: exactly one of the three. */
type FailedPaymentFate = 'retried' | 'notice' | 'dismissed';

/**
 * The rule that divides failed payments. What the system tries again is not shown as failed, and what is shown is not tried again by
 * itself. `failed_payments` in the schema is the same rule as SQL; a test compares them.
 */
export function fateOf(failed: FailedPayment, now: Date): FailedPaymentFate {
  if (failed.dismissed) return 'dismissed';
  const isRecent = now.getTime() - failed.failedAt.getTime() < AUTOMATIC_WINDOW_MS;
  const isRetried =
    failed.automatic &&
    failed.wanted &&
    !failed.emptied &&
    failed.reason !== 'USER_CANCELLED' &&
    isRecent &&
    failed.tries < AUTOMATIC_TRIES;
  return isRetried ? 'retried' : 'notice';
}
