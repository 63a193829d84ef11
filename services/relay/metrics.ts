import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { BatchOutcome } from './outbox/deliver-batch.js';
import type { DestinationName } from './outbox/destination.js';

export type MessageResult =
  /** It changed something. */
  | 'applied'
  /** All it reports was known before. */
  | 'known'
  /** About an invoice or order that is not ours. */
  | 'unknown'
  /** The same message was applied before. */
  | 'duplicate'
  /** About data that was reset since. */
  | 'other_epoch'
  /** Moved to the dead letters. */
  | 'dead'
  /** Its signature is missing or wrong: not believed. */
  | 'unverified'
  /** Signed with a key of a version that this relay does not know; to be redelivered. */
  | 'unknown_key'
  /** To be redelivered. */
  | 'again';

/** The relay's counters; gauges of what waits are in services/shared/metrics-*.ts. */
export class RelayMetrics {
  readonly #delivered;
  readonly #failures;
  readonly #unavailable;
  readonly #batchSeconds;
  readonly #messages;
  readonly #messageSeconds;
  readonly #recovered;
  readonly #cleared;
  readonly #temporalBacklog;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#delivered = new Counter({
      name: 'quittance_outbox_delivered_total',
      help: 'Outbox rows delivered: events published, workflows started, wakes signalled.',
      labelNames: ['destination', 'kind'],
      registers,
    });
    this.#failures = new Counter({
      name: 'quittance_outbox_failures_total',
      help: 'Failed deliveries of outbox rows; each row is retried.',
      labelNames: ['destination', 'kind'],
      registers,
    });
    this.#unavailable = new Counter({
      name: 'quittance_outbox_unavailable_total',
      help: 'Batches of which nothing could be delivered, since the destination or PostgreSQL was down.',
      labelNames: ['destination'],
      registers,
    });
    this.#batchSeconds = new Histogram({
      name: 'quittance_outbox_batch_seconds',
      help: 'From taking the rows of a batch to its commit.',
      labelNames: ['destination'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    });
    this.#messages = new Counter({
      name: 'quittance_messages_total',
      help: 'Invoice updates and confirmations taken off their stream, by result.',
      labelNames: ['stream', 'result'],
      registers,
    });
    this.#messageSeconds = new Histogram({
      name: 'quittance_message_seconds',
      help: 'From when JetStream stored a message to its answer by this relay, by result; redeliveries count from the same moment.',
      labelNames: ['stream', 'result'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60],
      registers,
    });
    this.#recovered = new Counter({
      name: 'quittance_sweep_recovered_total',
      help: 'Open rows past their deadline whose workflow was started or woken.',
      labelNames: ['workflow'],
      registers,
    });
    this.#cleared = new Counter({
      name: 'quittance_cleared_rows_total',
      help: 'Rows deleted at the end of their retention.',
      labelNames: ['table'],
      registers,
    });
    this.#temporalBacklog = new Gauge({
      name: 'quittance_temporal_backlog_seconds',
      help: 'How long the oldest workflow task of a queue has waited for a worker, when last read; NaN when the server cannot tell.',
      labelNames: ['queue'],
      registers,
    });
  }

  batchDelivered(destination: DestinationName, outcome: BatchOutcome, seconds: number): void {
    this.#batchSeconds.observe({ destination }, seconds);
    for (const { kind } of outcome.published) this.#delivered.inc({ destination, kind });
    for (const { row } of outcome.failed) this.#failures.inc({ destination, kind: row.kind });
  }

  destinationFailed(destination: DestinationName): void {
    this.#unavailable.inc({ destination });
  }

  temporalBacklog(queue: string, seconds: number | undefined): void {
    this.#temporalBacklog.set({ queue }, seconds ?? NaN);
  }

  /** `seconds`: by the clocks of two machines, so that it may be a little less than nothing. */
  message(stream: string, result: MessageResult, seconds: number): void {
    this.#messages.inc({ stream, result });
    this.#messageSeconds.observe({ stream, result }, Math.max(0, seconds));
  }

  recovered(workflow: string, rows: number): void {
    this.#recovered.inc({ workflow }, rows);
  }

  cleared(table: string, rows: number): void {
    this.#cleared.inc({ table }, rows);
  }
}
