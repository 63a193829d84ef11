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
import { ensureConsumer } from '../../shared/ensure-consumer.js';
import { ensureStreams } from '../../shared/streams.js';
import { backoffMs } from '../backoff.js';
import type { RelayMetrics } from '../metrics.js';
import { Semaphore } from '../semaphore.js';
import { deliverMessages } from './deliver-messages.js';
import type { MessageHandler } from './message-handler.js';
import { BatchWorkers } from './batch-workers.js';

/** Applying takes milliseconds: what a killed relay had is somebody else’s after this. */
const ACK_WAIT_MS = 10_000;
const MAX_ACK_PENDING = 500;
/** Transactions at once, and how many facts each may have: fewer of them have more. */
const ALONE = { lanes: 16, most: 1 };
const IN_COMPANY = { lanes: 4, most: 16 };
const PREFETCH = 32;
/** Who tells many facts makes pauses between them: after this it has told all. */
const PAUSE_MS = 250;
/** A pull is renewed after this; NATS says in between, at the latest every half of it, that it is still there. */
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
 * Applies the messages of one stream. Any number of relays share a durable consumer; when its stream is lost, it is made again,
 * stream and all.
 */
export class StreamConsumer<F, Found, About> {
  readonly #stop = new AbortController();
  /** For what is in hand: taken from NATS and not yet answered. */
  readonly #slots: Semaphore;
  readonly #lanes: BatchWorkers<JsMsg>;
  readonly #js: JetStreamClient;
  #messages: ConsumerMessages | undefined;
  #failures = 0;
  #behind = false;
  #busyUntil = 0;
  #done: Promise<void> | undefined;

  constructor(
    private readonly handler: MessageHandler<F, Found, About>,
    private readonly parts: ConsumerParts,
  ) {
    this.#js = parts.nc.jetstream({ timeout: JETSTREAM_TIMEOUT_MS });
    const { lanes, most } = handler.company === undefined ? ALONE : IN_COMPANY;
    this.#slots = new Semaphore(lanes * most);
    this.#lanes = new BatchWorkers(lanes, most, (messages) => this.#deliver(messages));
  }

  start(): void {
    this.#done ??= this.#run();
  }

  /** Takes no more; resolves when those under way are applied and answered. Those not begun go back at once. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#messages?.stop();
    for (const message of this.#lanes.clear()) this.#giveBack(message);
    await this.#done;
    await this.#slots.drained();
  }

  /** Whether there were more messages in the stream when the last one came, or more wait than the lanes can take, or did just before. */
  get busy(): boolean {
    return this.#behind || this.#lanes.full || performance.now() < this.#busyUntil;
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
        this.parts.logger[level]({ err, stream, durable, pauseMs }, 'a consumer begins again');
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
      // Ends, so that we make again what is missing.
      abort_on_missing_resource: true,
    });
    this.#messages = messages;
    if (this.#stop.signal.aborted) messages.stop();
    this.#failures = 0;
    this.#behind = false;
    for await (const message of messages) {
      this.#behind = message.info.pending > 0;
      await this.#slots.take();
      if (this.#stop.signal.aborted) this.#giveBack(message);
      else this.#lanes.add(message);
      if (this.#lanes.full) this.#busyUntil = performance.now() + PAUSE_MS;
    }
  }

  #deliver(messages: readonly JsMsg[]): Promise<void> {
    const { handler, parts } = this;
    return deliverMessages({ ...parts, js: this.#js }, handler, messages, (result) => {
      parts.metrics.fact(handler.stream, result);
      this.#slots.give();
    });
  }

  #giveBack(message: JsMsg): void {
    message.nak();
    this.#slots.give();
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
