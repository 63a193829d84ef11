import { setTimeout as pause } from 'node:timers/promises';
import {
  AckPolicy,
  DeliverPolicy,
  nanos,
  type ConsumerMessages,
  type JetStreamClient,
  type JsMsg,
  type NatsConnection,
} from 'nats';
import type { EngineContext } from '../../../engine/context.js';
import type { Logger } from '../../shared/logger.js';
import { ensureConsumer, ensureStreams } from '../../shared/streams.js';
import { Semaphore } from '../concurrency.js';
import type { RelayMetrics } from '../metrics.js';
import { backoffMs } from '../timing.js';
import { BatchWorkers } from './batch-workers.js';
import { MessageDelivery } from './message-delivery.js';
import type { MessageHandler } from './message-handler.js';

/** Applying a message takes milliseconds: after this, those of a killed relay are redelivered to another. */
const ACK_WAIT_MS = 10_000;
const MAX_ACK_PENDING = 500;
/** Workers, and how many messages each takes at a time. */
const ALONE = { workers: 16, batchSize: 1 };
const IN_BATCHES = { workers: 4, batchSize: 16 };
const PREFETCH = 32;
/** A sender of many messages pauses between them: after a pause of this length it is done. */
const BUSY_FOR_MS = 250;
/** A pull request ends after this and is sent again; within half of it, NATS sends a heartbeat. */
const PULL_MS = 10_000;
const JETSTREAM_TIMEOUT_MS = 5_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

export interface ConsumerParts {
  readonly nc: NatsConnection;
  readonly engine: EngineContext;
  readonly logger: Logger;
  readonly metrics: RelayMetrics;
}

/**
 * Takes messages off one stream, in batches, and applies them. Any number of relays share its durable consumer. When the stream or
 * the consumer is lost, both are created again.
 */
export class StreamConsumer<Body, Target> {
  readonly #stop = new AbortController();
  /** Messages taken from NATS and not yet answered. */
  readonly #unanswered: Semaphore;
  readonly #workers: BatchWorkers<JsMsg>;
  readonly #js: JetStreamClient;
  #messages: ConsumerMessages | undefined;
  #failures = 0;
  #behind = false;
  #busyUntil = 0;
  #done: Promise<void> | undefined;

  constructor(
    private readonly handler: MessageHandler<Body, Target>,
    private readonly parts: ConsumerParts,
  ) {
    this.#js = parts.nc.jetstream({ timeout: JETSTREAM_TIMEOUT_MS });
    const { workers, batchSize } = handler.findBatchable === undefined ? ALONE : IN_BATCHES;
    this.#unanswered = new Semaphore(workers * batchSize);
    const delivery = new MessageDelivery(handler, { ...parts, js: this.#js }, (result) => {
      parts.metrics.message(handler.stream, result);
      this.#unanswered.release();
    });
    this.#workers = new BatchWorkers(workers, batchSize, (batch) => delivery.deliver(batch));
  }

  start(): void {
    this.#done ??= this.#run();
  }

  /** Takes no more messages. Those not begun are redelivered at once; resolves when the others are applied and answered. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#messages?.stop();
    for (const message of this.#workers.clear()) this.#handBack(message);
    await this.#done;
    await this.#unanswered.drained();
  }

  /**
   * Whether the stream had more messages when the last one arrived, or a whole batch waits for a free worker, or did within the
   * last 250 ms.
   */
  get busy(): boolean {
    return this.#behind || this.#workers.full || performance.now() < this.#busyUntil;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await this.#consume();
      } catch (err) {
        const { stream, durable } = this.handler;
        const pauseMs = Math.round(backoffMs(this.#failures, FIRST_PAUSE_MS, LONGEST_PAUSE_MS));
        const level = this.#failures === 0 ? 'warn' : 'debug';
        this.#failures += 1;
        this.parts.logger[level](
          { err, stream, durable, pauseMs },
          'a consumer failed; it is started again',
        );
        await pause(pauseMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  async #consume(): Promise<void> {
    await ensureStreams(this.parts.nc);
    await this.#ensureConsumer();
    const consumer = await this.#js.consumers.get(this.handler.stream, this.handler.durable);
    const messages = await consumer.consume({
      max_messages: PREFETCH,
      expires: PULL_MS,
      // Ends when something is missing, so that we create it again.
      abort_on_missing_resource: true,
    });
    this.#messages = messages;
    if (this.#stop.signal.aborted) messages.stop();
    this.#failures = 0;
    this.#behind = false;
    for await (const message of messages) {
      this.#behind = message.info.pending > 0;
      await this.#unanswered.acquire();
      if (this.#stop.signal.aborted) this.#handBack(message);
      else this.#workers.add(message);
      if (this.#workers.full) this.#busyUntil = performance.now() + BUSY_FOR_MS;
    }
  }

  /** NATS redelivers it at once, to any relay. */
  #handBack(message: JsMsg): void {
    message.nak();
    this.#unanswered.release();
  }

  async #ensureConsumer(): Promise<void> {
    const { stream, durable, subjects } = this.handler;
    const manager = await this.parts.nc.jetstreamManager();
    await ensureConsumer(manager, stream, {
      durable_name: durable,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
      ack_wait: nanos(ACK_WAIT_MS),
      max_deliver: -1,
      max_ack_pending: MAX_ACK_PENDING,
      ...(subjects === undefined ? {} : { filter_subjects: [...subjects] }),
    });
  }
}
