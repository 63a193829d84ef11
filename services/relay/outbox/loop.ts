import { setTimeout as pause } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { Logger } from '../../shared/logger.js';
import { Wakeup } from '../alarm.js';
import { backoffMs } from '../backoff.js';
import type { RelayMetrics } from '../metrics.js';
import { deliverBatch, type BatchOutcome } from './batch.js';
import type { ClaimLimits } from './claim.js';
import { Unavailable, type Destination } from './destination.js';
import { throttle } from './throttle.js';
import { msUntilDue } from './until-due.js';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/** Several facts are applied in it, and their events are claimed, published and marked at once. */
const GATHER_MS = 15;
/** Of a destination that stands aside: enough to go on, too little to be in the way. */
const SMALL_STEP: Partial<ClaimLimits> = { keys: 10 };

export interface LoopParts {
  readonly pool: Pool;
  readonly logger: Logger;
  readonly metrics: RelayMetrics;
  /** How often the outbox is looked at when nobody rings. */
  readonly pollMs: number;
  /** Whether facts wait to be applied: somebody has paid, and waits to see it. */
  readonly messagesWait?: () => boolean;
}

/** Empties the outbox into one destination, as long as the process runs. */
export class OutboxLoop {
  readonly #alarm = new Wakeup();
  readonly #stop = new AbortController();
  #prepared = false;
  /** In a row, of the destination or of PostgreSQL. */
  #failures = 0;
  #done: Promise<void> | undefined;

  constructor(
    private readonly destination: Destination,
    private readonly parts: LoopParts,
  ) {}

  start(): void {
    this.#done ??= this.#run();
  }

  /** There may be new rows. */
  kick(): void {
    this.#alarm.ring();
  }

  /** Resolves when the batch under way is done. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#alarm.ring();
    await this.#done;
  }

  async #run(): Promise<void> {
    const { pool, pollMs } = this.parts;
    while (!this.#stop.signal.aborted) {
      const fewer = await this.#giveWayToMessages();
      try {
        if (await this.#deliverSome(fewer)) continue;
        await this.#alarm.wait(await msUntilDue(pool, this.destination.name, pollMs));
      } catch (error) {
        await this.#standBack(error);
      }
    }
  }

  /**
   * While facts wait, events are published fewer times, more at once; workflows, which only follow, stand aside. Limits of what
   * is delivered next.
   */
  async #giveWayToMessages(): Promise<Partial<ClaimLimits>> {
    const { destination, parts } = this;
    const { signal } = this.#stop;
    if (parts.messagesWait?.() !== true) return {};
    if (destination.isThrottled) {
      return (await throttle(parts.messagesWait, signal)) ? SMALL_STEP : {};
    }
    await pause(GATHER_MS, undefined, { signal }).catch(() => undefined);
    return {};
  }

  /** Whether there was anything to deliver. */
  async #deliverSome(fewer: Partial<ClaimLimits>): Promise<boolean> {
    const { destination, parts } = this;
    if (!this.#prepared) await destination.prepare();
    this.#prepared = true;
    const startedAt = performance.now();
    const outcome = await deliverBatch(parts.pool, {
      ...destination,
      limits: { ...destination.limits, ...fewer },
    });
    if (this.#failures > 0) parts.logger.info({ to: destination.name }, 'the outbox moves again');
    this.#failures = 0;
    if (outcome.published.length + outcome.failed.length === 0) return false;
    parts.metrics.batchDelivered(destination.name, outcome, (performance.now() - startedAt) / 1000);
    this.#logFailures(outcome);
    return true;
  }

  #logFailures({ failed }: BatchOutcome): void {
    for (const { row, error } of failed) {
      const { id, kind, subject, attempts } = row;
      const what = { to: this.destination.name, id: id.toString(), kind, subject, attempts, error };
      this.parts.logger.warn(what, 'an outbox row could not be delivered; it is tried again');
    }
  }

  /** The whole destination, or PostgreSQL, is down: rings are not heard until it had time to come back. */
  async #standBack(err: unknown): Promise<void> {
    const { logger, metrics } = this.parts;
    const pauseMs = backoffMs(this.#failures, FIRST_PAUSE_MS, LONGEST_PAUSE_MS);
    this.#failures += 1;
    this.#prepared = false;
    metrics.destinationFailed(this.destination.name);
    const told = err instanceof Unavailable ? { reason: err.message } : { err };
    // Said once aloud; it may last for hours.
    logger[this.#failures === 1 ? 'warn' : 'debug'](
      { to: this.destination.name, pauseMs: Math.round(pauseMs), ...told },
      'the outbox waits',
    );
    const { signal } = this.#stop;
    await pause(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}
