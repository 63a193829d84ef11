import type { OrderState } from './machine.js';
import { missingRegions, MONITORED_REGIONS, type RegionBits } from './regions.js';

/** `tx`: a region's host has sent it. `rx`: a region's receiver has got it from the satellite. */
export type ConfirmationKind = 'tx' | 'rx';

export interface Coverage {
  readonly ordered: RegionBits;
  readonly tx: RegionBits;
  readonly rx: RegionBits;
}

/** Every ordered region was sent to. */
export function isSent({ ordered, tx }: Coverage): boolean {
  return missingRegions(ordered, tx) === 0;
}

/**
 * Every ordered region with a receiver got it. As with the peer, no confirmation of sending is needed for that, and an order
 * for regions without receivers meets it with its first confirmation.
 */
export function isReceived({ ordered, rx }: Coverage): boolean {
  return missingRegions(ordered & MONITORED_REGIONS, rx) === 0;
}

/** What a new confirmation leads to; undefined: the state stays. */
export function eventForConfirmation(
  state: OrderState,
  kind: ConfirmationKind,
  coverage: Coverage,
): 'received' | 'sent' | 'tx_confirmed' | undefined {
  if (state !== 'transmitting' && state !== 'confirming' && state !== 'sent') return undefined;
  if (isReceived(coverage)) return 'received';
  if (state === 'sent') return undefined;
  if (isSent(coverage)) return 'sent';
  return kind === 'tx' && state === 'transmitting' ? 'tx_confirmed' : undefined;
}
