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
import type { PublicKeys } from '../../shared/signatures/keys.js';
import {
  deleteConsumer,
  ensureConsumer,
  ensureStreams,
  pullMessages,
} from '../../shared/streams.js';
import { Semaphore } from '../../../engine/semaphore.js';
import type { RelayMetrics } from '../metrics.js';
import { backoffMs } from '../timing.js';
import { BatchWorkers } from './batch-workers.js';
import { redeliveryMs } from './failed-message.js';
import { MessageDelivery } from './message-delivery.js';
import type { MessageHandler } from './message-handler.js';

/** Applying a message takes milliseconds: after this, those of a killed relay are redelivered to another. */
const ACK_WAIT_MS = 10_000;
/**
 * Messages that wait for their redelivery count too, and at the limit nothing is delivered. What is in memory is bounded by
 * PREFETCH and the queues of the workers.
 */
const MAX_ACK_PENDING = 100_000;
/** Workers, and how many messages each takes at a time. */
const ALONE = { workers: 16, batchSize: 1 };
const IN_BATCHES = { workers: 4, batchSize: 16 };
/** Messages that have failed have workers of their own, this many for each worker of the others. */
const RETRY_SHARE = 0.5;
const MOST_RETRIES = 64;
const PREFETCH = 32;
/** A sender of many messages pauses between them: after a pause of this length it is done. */
const BUSY_FOR_MS = 250;
const JETSTREAM_TIMEOUT_MS = 5_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1_000;

export interface ConsumerParts {
  readonly nc: NatsConnection;
  readonly engine: EngineContext;
  readonly logger: Logger;
  readonly metrics: RelayMetrics;
  /** Copies of each stream; undefined leaves them as they are. */
  readonly replicas?: number;
  /** See {@link DeliveryParts}. */
  readonly publicKeys?: PublicKeys;
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
  /** For redelivered messages, so that those that fail again and again take no worker from the others. */
  readonly #retries: BatchWorkers<JsMsg>;
  #retrying = 0;
  #replaced = false;
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
    const { workers: most, batchSize } = handler.findBatchable === undefined ? ALONE : IN_BATCHES;
    const workers = Math.min(most, parts.engine.pool.options.max);
    this.#unanswered = new Semaphore(workers * batchSize);
    const deliverThen = (answered: () => void): MessageDelivery<Body, Target> =>
      new MessageDelivery(handler, { ...parts, js: this.#js }, (result, { info }) => {
        const seconds = (Date.now() - info.timestampNanos / 1e6) / 1000;
        parts.metrics.message(handler.stream, result, seconds);
        answered();
      });
    const first = deliverThen(() => this.#unanswered.release());
    this.#workers = new BatchWorkers(workers, batchSize, (batch) => first.deliver(batch));
    const again = deliverThen(() => (this.#retrying -= 1));
    this.#retries = new BatchWorkers(Math.ceil(workers * RETRY_SHARE), batchSize, (batch) =>
      again.deliver(batch),
    );
  }

  start(): void {
    this.#done ??= this.#run();
  }

  /** Takes no more messages. Those not begun are redelivered at once; resolves when the others are applied and answered. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#messages?.stop();
    for (const message of this.#workers.clear()) this.#handBack(message);
    for (const message of this.#retries.clear()) this.#retryLater(message);
    await this.#done;
    await this.#unanswered.drained();
    await this.#retries.idle();
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
    const { nc, replicas } = this.parts;
    const { stream, durable } = this.handler;
    await ensureStreams(nc, [stream], replicas);
    await this.#ensureConsumer();
    const messages = await pullMessages(nc, stream, { durable, ahead: PREFETCH });
    this.#messages = messages;
    if (this.#stop.signal.aborted) messages.stop();
    this.#failures = 0;
    this.#behind = false;
    for await (const message of messages) {
      this.#behind = message.info.pending > 0;
      if (message.info.deliveryCount > 1) {
        this.#retry(message);
        continue;
      }
      await this.#unanswered.acquire();
      if (this.#stop.signal.aborted) this.#handBack(message);
      else this.#workers.add(message);
      if (this.#workers.full) this.#busyUntil = performance.now() + BUSY_FOR_MS;
    }
  }

  /** Never waits for a worker: those behind it may be new. */
  #retry(message: JsMsg): void {
    this.#retrying += 1;
    if (this.#retrying > MOST_RETRIES || this.#stop.signal.aborted) this.#retryLater(message);
    else this.#retries.add(message);
  }

  #retryLater(message: JsMsg): void {
    message.nak(redeliveryMs(message));
    this.#retrying -= 1;
  }

  /** NATS redelivers it at once, to any relay. */
  #handBack(message: JsMsg): void {
    message.nak();
    this.#unanswered.release();
  }

  async #ensureConsumer(): Promise<void> {
    const { stream, durable, subjects, replaces = [] } = this.handler;
    const { nc } = this.parts;
    await ensureConsumer(nc, stream, {
      durable_name: durable,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
      ack_wait: nanos(ACK_WAIT_MS),
      max_deliver: -1,
      max_ack_pending: MAX_ACK_PENDING,
      ...(subjects === undefined ? {} : { filter_subjects: [...subjects] }),
    });
    if (this.#replaced) return;
    for (const old of replaces) await deleteConsumer(nc, stream, old);
    this.#replaced = true;
  }
}
