export type DestinationName = 'nats' | 'temporal';

/** A row of the outbox, claimed. */
export interface OutboxRow {
  readonly id: bigint;
  readonly kind: 'event' | 'start' | 'wake';
  readonly orderingKey: string;
  /** NATS subject, or workflow id. */
  readonly subject: string;
  readonly payload: unknown;
  /** How often it has failed. */
  readonly attempts: number;
  /** Of the data it belongs to. */
  readonly epoch: bigint;
}

/** The oldest rows of one ordering key, in order, none of them delivered: whoever holds the first holds the key. */
export type Run = readonly OutboxRow[];
