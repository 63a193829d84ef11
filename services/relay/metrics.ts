import { Counter, Histogram, type Registry } from 'prom-client';
import type { BatchOutcome } from './outbox/batch.js';
import type { DestinationName } from './outbox/row.js';

export type MessageResult =
  /** Changed something. */
  | 'applied'
  /** Nothing new in it. */
  | 'known'
  /** About nothing of ours. */
  | 'unknown'
  /** This very message was applied before. */
  | 'duplicate'
  /** Of data that was since reset. */
  | 'other_epoch'
  /** Gone to the dead letters. */
  | 'dead'
  /** To be delivered again. */
  | 'again';

/** What a relay counts; gauges of what waits are in services/shared/metrics-*.ts. */
export class RelayMetrics {
  readonly #delivered;
  readonly #failures;
  readonly #unavailable;
  readonly #batchSeconds;
  readonly #facts;
  readonly #recovered;
  readonly #cleared;

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
      help: 'Outbox rows that could not be delivered and are tried again.',
      labelNames: ['destination', 'kind'],
      registers,
    });
    this.#unavailable = new Counter({
      name: 'quittance_outbox_unavailable_total',
      help: 'Times that nothing could be delivered at all.',
      labelNames: ['destination'],
      registers,
    });
    this.#batchSeconds = new Histogram({
      name: 'quittance_outbox_batch_seconds',
      help: 'From the claim of a batch to its commit.',
      labelNames: ['destination'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    });
    this.#facts = new Counter({
      name: 'quittance_facts_total',
      help: 'Messages about payments and confirmations, by what came of them.',
      labelNames: ['stream', 'result'],
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
      help: 'Rows deleted because they were kept long enough.',
      labelNames: ['table'],
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

  fact(stream: string, result: MessageResult): void {
    this.#facts.inc({ stream, result });
  }

  recovered(workflow: string, rows: number): void {
    this.#recovered.inc({ workflow }, rows);
  }

  cleared(table: string, rows: number): void {
    this.#cleared.inc({ table }, rows);
  }
}
