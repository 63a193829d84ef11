/**
 * What became of a message that was handed to a mail server or a chat. `refused`: trying again will not help until somebody changes
 * something. `unavailable`: it may have been delivered.
 */
export type Delivery =
  | { readonly kind: 'sent' }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'unavailable'; readonly reason: string; readonly retryAfterMs?: number };

const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 30 * 60_000;
/** A message that could not be delivered for this long is given up: what is open is told by later ones. */
export const GIVE_UP_MS = 72 * 3_600_000;
/** So many failures in a row make a channel count as failing; a refusal does at once. */
export const FAILING_AFTER = 3;

/** How long to wait after so many tries in vain. The service's own wish comes first. */
export function pauseAfter(tries: number, delivery: Exclude<Delivery, { kind: 'sent' }>): number {
  const growing = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(tries, 20));
  if (delivery.kind === 'refused') return LONGEST_PAUSE_MS;
  return Math.max(growing, Math.min(delivery.retryAfterMs ?? 0, GIVE_UP_MS));
}
