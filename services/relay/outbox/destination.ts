/** Where batches of rows are delivered. Calls to the node are rows too, and have a loop of their own. */
export type DestinationName = 'nats' | 'temporal';

/** A row of the outbox, as taken for delivery. */
export interface OutboxRow {
  readonly id: bigint;
  readonly kind: 'event' | 'start' | 'wake';
  /** Of events; for Temporal the workflow id, which orders nothing. */
  readonly orderingKey: string;
  /** NATS subject, or workflow id. */
  readonly subject: string;
  readonly payload: unknown;
  /** Failed deliveries so far. */
  readonly attempts: number;
  /** The number of the lease under which it was taken. */
  readonly lease: number;
  /** Of the installation's data. */
  readonly epoch: bigint;
  /** The trace that it belongs to. */
  readonly traceparent?: string | null;
}

/** Rows of one key that are taken together, by id. Of an event's key: the oldest undelivered ones, in order. */
export type Run = readonly OutboxRow[];

/** How much one batch may take. */
export interface BatchLimits {
  /** Runs, where rows have an order. */
  readonly keys: number;
  /** In total: a single key may take them all, many keys share them. */
  readonly rows: number;
}

/** Where rows of the outbox are delivered. */
export interface Destination {
  readonly name: DestinationName;
  /** `key`: rows of an ordering key are delivered by id, one at a time. `priority`: by priority, then id. */
  readonly order: 'key' | 'priority';
  readonly limits: BatchLimits;
  /** Whether its deliveries are throttled while messages wait to be applied. */
  readonly throttledByMessages: boolean;
  /** Runs delivered at the same time. */
  readonly concurrency: number;
  /** Called before the first batch, and before the next one after the destination was unavailable. Rejects while it is. */
  readonly prepare: () => Promise<void>;
  /** Rows after this priority wait in PostgreSQL for now. Read before each batch; without it, none do. */
  readonly lastPriority?: () => number;
  /** Delivers rows of one key until `until` has passed, in milliseconds of performance.now(). Never rejects. */
  readonly deliver: (run: Run, until: number) => Promise<Delivery>;
}

/** Rows in neither list were not tried. */
export interface Delivery {
  readonly done: readonly OutboxRow[];
  readonly failed: readonly FailedRow[];
}

export interface FailedRow {
  readonly row: OutboxRow;
  readonly error: string;
  /** Whether the destination seems to be down, so that any other row would have failed too. */
  readonly unavailable: boolean;
}

/** Nothing can be delivered to the destination for now. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
}
