import type { ClaimLimits } from './claim.js';
import type { DestinationName, Run } from './row.js';

/** Where rows of the outbox go. */
export interface Destination {
  readonly name: DestinationName;
  readonly limits: ClaimLimits;
  /** Whether it may wait while facts do. */
  readonly isThrottled: boolean;
  /** Runs delivered at the same time. */
  readonly concurrency: number;
  /** Called before the first batch, and before the next after it was unavailable. Rejects while it is. */
  readonly prepare: () => Promise<void>;
  /** Delivers rows of one key, in order, until one fails or `until` (epoch milliseconds) has passed. Never rejects. */
  readonly deliver: (run: Run, until: number) => Promise<Delivery>;
}

export interface Delivery {
  /** How many rows, from the first, need nothing more. */
  readonly delivered: number;
  /** What the row after them met with. */
  readonly failure?: DeliveryFailure;
}

export interface DeliveryFailure {
  readonly error: string;
  /** By the looks of it, no other row would have fared better: the destination is down, not this row bad. */
  readonly unavailable: boolean;
}

/** Nothing can be delivered for now. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
}
