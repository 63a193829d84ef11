import type { Pool } from 'pg';
import { LightningError } from '../../../../adapters/lightning/port.js';
import { type NodeCallKind, SETTLING_PRIORITY } from '../../../../domain/invoices/node-calls.js';
import { failpoint } from '../../../../engine/failpoint.js';
import type { Logger } from '../../../shared/logger.js';
import type { NodeCallMetrics, NodeCallResult } from '../../metrics-node-calls.js';
import { backoffMs } from '../../timing.js';
import { LeaseRenewal, markRows } from '../leases.js';
import { callsWithTraces } from '../traces.js';
import { inSpan } from '../../../shared/tracing/span.js';
import { LAST_PRIORITY, msUntilDue } from '../take-rows.js';
import { WakeableLoop } from '../wakeable-loop.js';
import { CallSlots } from './call-slots.js';
import { NodeOutage } from './node-outage.js';
import { type CallRow, takeNodeCalls } from './take-calls.js';

const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 15_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
const OLDEST_EVERY = 5;

/** Makes the call and applies its result. Rejects when it is to be tried again. */
export type MakeCall = (kind: NodeCallKind, hash: string) => Promise<void>;

export interface NodeLoopParts {
  readonly pool: Pool;
  readonly logger: Logger;
  readonly metrics: NodeCallMetrics;
  /** How often the outbox is read when nobody wakes the loop. */
  readonly pollMs: number;
}

/**
 * Makes the calls to the node that wait in the outbox, as long as the process runs. Each begins as soon as there is room, whatever
 * the others do; for what there is no room, stays in PostgreSQL.
 */
export class NodeLoop extends WakeableLoop {
  readonly #slots = new CallSlots();
  readonly #outage = new NodeOutage();
  readonly #calls = new Set<Promise<void>>();
  #takes = 0;
  /** Of PostgreSQL, in a row. */
  #failures = 0;

  constructor(
    private readonly makeCall: MakeCall,
    private readonly parts: NodeLoopParts,
  ) {
    super();
  }

  protected override async run(signal: AbortSignal): Promise<void> {
    const { pool, logger } = this.parts;
    const onError = (err: unknown): void => logger.warn({ err }, 'leases were not renewed');
    const renewal = new LeaseRenewal(pool, () => this.#slots.underway, onError);
    while (!signal.aborted) {
      const waitMs = await this.#beginSome().catch((error: unknown) => this.#backOff(error));
      if (waitMs > 0) await this.waitForWake(waitMs);
    }
    await Promise.all(this.#calls);
    renewal.stop();
  }

  /** Returns how long to wait, unless woken: a call that ends wakes the loop. */
  async #beginSome(): Promise<number> {
    const { pool, pollMs } = this.parts;
    if (this.#outage.pauseMs > 0) return this.#outage.pauseMs;
    const room = this.#outage.limit(this.#slots.room);
    if (room.all === 0) return pollMs;
    this.#takes += 1;
    const taken = await takeNodeCalls(pool, room, this.#takes % OLDEST_EVERY === 0);
    const calls = await callsWithTraces(pool, taken);
    this.#failures = 0;
    for (const call of calls) this.#begin(call);
    const lastPriority = room.others > 0 ? LAST_PRIORITY : SETTLING_PRIORITY;
    return calls.length > 0 ? 0 : msUntilDue(pool, { destination: 'node', pollMs, lastPriority });
  }

  #begin(call: CallRow): void {
    this.#slots.begin(call);
    this.#outage.begin(call);
    this.parts.metrics.begun(call.kind);
    const ended = this.#make(call).catch((err: unknown) => {
      // The row is taken again when its lease has ended.
      this.parts.logger.warn({ err, kind: call.kind, hash: call.hash }, 'a call was not marked');
    });
    const done = ended.finally(() => {
      this.#slots.end(call);
      this.#outage.end(call);
      this.#calls.delete(done);
      this.wake();
    });
    this.#calls.add(done);
  }

  async #make(call: CallRow): Promise<void> {
    const { pool, metrics } = this.parts;
    const startedAt = performance.now();
    const of = { parent: call.traceparent, attributes: { 'quittance.tries': call.attempts } };
    const made = inSpan(`call ${call.kind}`, of, () => this.makeCall(call.kind, call.hash));
    const error = await made.then(
      () => undefined,
      (cause: unknown) => ({ cause }),
    );
    const result: NodeCallResult = error === undefined ? 'done' : resultOf(error.cause);
    metrics.ended(call.kind, result, (performance.now() - startedAt) / 1000);
    this.#noteAnswer(result, error?.cause);
    await failpoint('after-publish-before-mark');
    if (error === undefined) return markRows(pool, [{ row: call, done: true }]);
    this.#logFailure(call, result, error.cause);
    // During an outage too: the next call to find out whether the node is back is another one.
    const waitMs = backoffMs(call.attempts, FIRST_RETRY_MS, LONGEST_RETRY_MS);
    return markRows(pool, [{ row: call, done: false, error: String(error.cause), waitMs }]);
  }

  #noteAnswer(result: NodeCallResult, err: unknown): void {
    const { logger } = this.parts;
    if (result === 'unavailable') {
      // A warning once; an outage may last for hours.
      if (this.#outage.failed()) logger.warn({ err }, 'the node is unavailable; retrying');
    } else if (this.#outage.answered()) {
      logger.info('the node answers again');
    }
  }

  /** A payment may be in flight for days: what is not known yet is said once. */
  #logFailure({ kind, hash, attempts }: CallRow, result: NodeCallResult, err: unknown): void {
    const isWaiting = attempts > 0 && err instanceof LightningError && err.kind === 'unknown';
    const level = result === 'unavailable' || isWaiting ? 'debug' : 'warn';
    this.parts.logger[level]({ err, kind, hash, attempts }, 'a call to the node is tried again');
  }

  /** PostgreSQL is down. */
  #backOff(err: unknown): number {
    const { logger } = this.parts;
    const waitMs = backoffMs(this.#failures, FIRST_PAUSE_MS, LONGEST_PAUSE_MS);
    this.#failures += 1;
    const level = this.#failures === 1 ? 'warn' : 'debug';
    logger[level]({ err }, 'no calls to the node can be taken from the outbox; retrying');
    return waitMs;
  }
}

function resultOf(error: unknown): NodeCallResult {
  return error instanceof LightningError && error.kind === 'unavailable' ? 'unavailable' : 'failed';
}
