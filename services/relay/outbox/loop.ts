import { setTimeout as pause } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { Logger } from '../../shared/logger.js';
import type { RelayMetrics } from '../metrics.js';
import { backoffMs, waitWhile } from '../timing.js';
import { deliverBatch, type BatchOutcome } from './deliver-batch.js';
import { Unavailable, type BatchLimits, type Destination } from './destination.js';
import { LAST_PRIORITY, msUntilDue, type Take } from './take-rows.js';
import { WakeableLoop } from './wakeable-loop.js';

const FIRST_PAUSE_MS = 100;
/** One try takes one batch. An outage must not go on here after it has ended there. */
const LONGEST_PAUSE_MS = 1_000;
/** Long enough for several messages to be applied: their events are then taken, published and marked in one batch. */
const GATHER_MS = 15;
/** While messages wait, a throttled destination delivers one small batch in this time. */
const THROTTLED_MS = 200;
const THROTTLED_LIMITS: BatchLimits = { keys: 10, rows: 10 };
const OLDEST_EVERY = 5;
/** How soon the destination is asked again whether rows still have to wait. */
const HELD_BACK_POLL_MS = 500;

export interface LoopParts {
  readonly pool: Pool;
  readonly logger: Logger;
  readonly metrics: RelayMetrics;
  /** How often the outbox is read when nobody wakes the loop. */
  readonly pollMs: number;
  /** Whether messages wait to be applied: somebody has paid, and waits to see it. */
  readonly messagesWait?: () => boolean;
}

/** Delivers the outbox to one destination, as long as the process runs. */
export class OutboxLoop extends WakeableLoop {
  #prepared = false;
  /** In a row, of the destination or of PostgreSQL. */
  #failures = 0;
  #batches = 0;
  #lastPriority: number | undefined;

  constructor(
    private readonly destination: Destination,
    private readonly parts: LoopParts,
  ) {
    super();
  }

  protected override async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const limits = await this.#letMessagesPass(signal);
      try {
        if (await this.#deliverSome(limits)) continue;
        await this.waitForWake(await this.#msToWait());
      } catch (error) {
        await this.#backOff(error, signal);
      }
    }
  }

  /**
   * While messages wait to be applied, events are published in fewer and larger batches; workflows, which only follow, are
   * throttled. Returns the limits of the next batch.
   */
  async #letMessagesPass(signal: AbortSignal): Promise<BatchLimits> {
    const { limits, throttledByMessages } = this.destination;
    const { messagesWait } = this.parts;
    if (messagesWait?.() !== true) return limits;
    if (throttledByMessages) {
      const stillWait = await waitWhile(messagesWait, THROTTLED_MS, signal);
      return stillWait ? THROTTLED_LIMITS : limits;
    }
    await pause(GATHER_MS, undefined, { signal }).catch(() => undefined);
    return limits;
  }

  /** Whether there was anything to deliver. */
  async #deliverSome(limits: BatchLimits): Promise<boolean> {
    const { destination, parts } = this;
    if (!this.#prepared) await destination.prepare();
    this.#prepared = true;
    const startedAt = performance.now();
    this.#lastPriority = destination.lastPriority?.();
    const outcome = await deliverBatch(parts.pool, { ...destination, limits }, this.#nextTake());
    if (this.#failures > 0) {
      parts.logger.info({ to: destination.name }, 'delivery from the outbox works again');
    }
    this.#failures = 0;
    if (outcome.published.length + outcome.failed.length === 0) return false;
    parts.metrics.batchDelivered(destination.name, outcome, (performance.now() - startedAt) / 1000);
    this.#logFailures(outcome);
    return true;
  }

  /** One batch in {@link OLDEST_EVERY} takes the oldest rows, so that no row waits for ever behind those that go first. */
  #nextTake(): Take {
    this.#batches += 1;
    const oldestFirst = this.#batches % OLDEST_EVERY === 0;
    return this.#lastPriority === undefined
      ? { oldestFirst }
      : { oldestFirst, lastPriority: this.#lastPriority };
  }

  #msToWait(): Promise<number> {
    const { pool, pollMs } = this.parts;
    const { name: destination } = this.destination;
    const lastPriority = this.#lastPriority ?? LAST_PRIORITY;
    const isHoldingBack = lastPriority < LAST_PRIORITY;
    return msUntilDue(pool, {
      destination,
      pollMs: isHoldingBack ? Math.min(pollMs, HELD_BACK_POLL_MS) : pollMs,
      lastPriority,
    });
  }

  #logFailures({ failed }: BatchOutcome): void {
    for (const { row, error } of failed) {
      const { id, kind, subject, attempts } = row;
      const what = { to: this.destination.name, id: id.toString(), kind, subject, attempts, error };
      this.parts.logger.warn(what, 'an outbox row could not be delivered; it is retried');
    }
  }

  /** The destination as a whole, or PostgreSQL, is down: the loop pauses, and wakes do not end the pause. */
  async #backOff(err: unknown, signal: AbortSignal): Promise<void> {
    const { logger, metrics } = this.parts;
    const pauseMs = backoffMs(this.#failures, FIRST_PAUSE_MS, LONGEST_PAUSE_MS);
    this.#failures += 1;
    this.#prepared = false;
    metrics.destinationFailed(this.destination.name);
    const cause = err instanceof Unavailable ? { reason: err.message } : { err };
    // A warning once; an outage may last for hours.
    logger[this.#failures === 1 ? 'warn' : 'debug'](
      { to: this.destination.name, pauseMs: Math.round(pauseMs), ...cause },
      'nothing can be delivered from the outbox; retrying',
    );
    await pause(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}
