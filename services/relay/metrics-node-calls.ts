import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { NodeCallKind } from '../../domain/invoices/node-calls.js';

/** `unavailable`: the node was not reached. */
export type NodeCallResult = 'done' | 'failed' | 'unavailable';

/** Of the calls to the Lightning node that relays take from the outbox. How long the oldest waits is the outbox's lag. */
export class NodeCallMetrics {
  readonly #calls;
  readonly #seconds;
  readonly #underway;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#calls = new Counter({
      name: 'quittance_node_calls_total',
      help: 'Calls to the Lightning node, by kind and result; those that failed are made again.',
      labelNames: ['kind', 'result'],
      registers,
    });
    this.#seconds = new Histogram({
      name: 'quittance_node_call_seconds',
      help: 'How long calls to the Lightning node took.',
      labelNames: ['kind'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    });
    this.#underway = new Gauge({
      name: 'quittance_node_calls_in_flight',
      help: 'Calls to the Lightning node that are under way.',
      labelNames: ['kind'],
      registers,
    });
  }

  begun(kind: NodeCallKind): void {
    this.#underway.inc({ kind });
  }

  ended(kind: NodeCallKind, result: NodeCallResult, seconds: number): void {
    this.#underway.dec({ kind });
    this.#calls.inc({ kind, result });
    this.#seconds.observe({ kind }, seconds);
  }
}
