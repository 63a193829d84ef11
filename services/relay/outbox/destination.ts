export type DestinationName = 'nats' | 'temporal';

/** A row of the outbox, as taken for delivery. */
export interface OutboxRow {
  readonly id: bigint;
  readonly kind: 'event' | 'start' | 'wake';
  readonly orderingKey: string;
  /** NATS subject, or workflow id. */
  readonly subject: string;
  readonly payload: unknown;
  /** Failed deliveries so far. */
  readonly attempts: number;
  /** Of the installation's data. */
  readonly epoch: bigint;
}

/** The oldest undelivered rows of one ordering key, in order. A lock on the first reserves the key. */
export type Run = readonly OutboxRow[];

/** How much one batch may take. */
export interface BatchLimits {
  readonly keys: number;
  /** In total: a single key may take them all, many keys share them. */
  readonly rows: number;
}

/** Where rows of the outbox are delivered. */
export interface Destination {
  readonly name: DestinationName;
  readonly limits: BatchLimits;
  /** Whether its deliveries are throttled while messages wait to be applied. */
  readonly throttledByMessages: boolean;
  /** Runs delivered at the same time. */
  readonly concurrency: number;
  /** Called before the first batch, and before the next one after the destination was unavailable. Rejects while it is. */
  readonly prepare: () => Promise<void>;
  /** Delivers rows of one key, in order, until one fails or `until` (epoch milliseconds) has passed. Never rejects. */
  readonly deliver: (run: Run, until: number) => Promise<Delivery>;
}

export interface Delivery {
  /** How many rows, from the first, are done. */
  readonly delivered: number;
  /** Why the row after them failed. */
  readonly failure?: DeliveryFailure;
}

export interface DeliveryFailure {
  readonly error: string;
  /** Whether the destination seems to be down, so that any other row would have failed too. */
  readonly unavailable: boolean;
}

/** Nothing can be delivered to the destination for now. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
}
