import { setTimeout as pause } from 'node:timers/promises';
import {
  AckPolicy,
  DeliverPolicy,
  nanos,
  type ConsumerMessages,
  type JsMsg,
  type NatsConnection,
} from 'nats';
import type { StreamName } from '../../domain/names/subjects.js';
import type { Channel } from '../../domain/transmissions/channels.js';
import { ensureConsumer, ensureStreams, pullMessages } from '../shared/streams.js';
import { readStarted, RecentKeys } from './started-messages.js';
import { type StationParts, transmit, type TransmissionOutcome } from './transmit.js';

const STREAM: StreamName = 'TRANSMISSIONS';
/** JetStream redelivers a message that is neither acknowledged nor marked as in progress within this. */
const ACK_WAIT_MS = 10_000;
const IN_PROGRESS_MS = 3_000;
const MAX_PENDING = 64;
const RETRY_MS = 500;
const FLUSH_MS = 1_000;

export interface StationOptions extends StationParts {
  readonly nc: NatsConnection;
  readonly region: number;
  /** Default: the peer's. */
  readonly channels?: readonly Channel[];
  /** `seconds`: from its start until the outcome was published, or was lost on purpose. */
  readonly onOutcome: (region: number, outcome: TransmissionOutcome, seconds: number) => void;
}

/** The Tx host and the receiver of one region, with a durable consumer per region. */
export class Station {
  readonly #stop = new AbortController();
  readonly #recent = new RecentKeys(1000);
  /** The running transmission of each channel: a channel sends one message at a time. */
  readonly #sending = new Map<number, Promise<void>>();
  #messages: ConsumerMessages | undefined;
  #done: Promise<void> | undefined;

  constructor(private readonly options: StationOptions) {}

  /** Resolves when its consumer exists: from then on it misses no message. */
  start(): Promise<void> {
    return new Promise((resolve) => {
      this.#done ??= this.#run(resolve);
    });
  }

  /** Messages that are not finished are redelivered. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#messages?.stop();
    await this.#done;
    await Promise.all(this.#sending.values());
    // Sends the naks, so that messages are redelivered at once.
    await Promise.race([this.options.nc.flush().catch(() => undefined), pause(FLUSH_MS)]);
  }

  async #run(onConsumer: () => void): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await this.#consume(onConsumer);
      } catch (err) {
        this.options.logger.warn(
          { err, region: this.options.region },
          'a station lost its consumer: starting it again',
        );
      }
      await pause(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async #consume(onConsumer: () => void): Promise<void> {
    const { nc, region } = this.options;
    await ensureStreams(nc, [STREAM, 'CONFIRMATIONS']);
    const durable = `station-${region}`;
    await ensureConsumer(nc, STREAM, {
      durable_name: durable,
      filter_subject: 'transmissions.*.started',
      // A new station begins with the last message of each channel, not with a month of old ones.
      deliver_policy: DeliverPolicy.LastPerSubject,
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(ACK_WAIT_MS),
      max_deliver: -1,
      max_ack_pending: MAX_PENDING,
    });
    onConsumer();
    this.#messages = await pullMessages(nc, STREAM, { durable, ahead: MAX_PENDING });
    if (this.#stop.signal.aborted) this.#messages.stop();
    for await (const message of this.#messages) this.#take(message);
  }

  #take(message: JsMsg): void {
    const { logger, region } = this.options;
    const read = readStarted(message, this.options.channels);
    if ('unreadable' in read) {
      logger.error({ region, reason: read.unreadable }, 'terminated a message that cannot be read');
      message.term();
      return;
    }
    const { started, channel, epoch } = read;
    const key = `${epoch}/${started.tx_seq_num}/${started.attempt}`;
    if (!started.regions.some((one) => one === region)) {
      message.ack();
      return;
    }
    const working = setInterval(() => message.working(), IN_PROGRESS_MS);
    const before = this.#sending.get(channel.number) ?? Promise.resolve();
    const after = before
      .then(async () => {
        if (!this.#recent.has(key)) await this.#transmit(read);
        this.#recent.add(key);
        message.ack();
      })
      // Usually because the station stops: the message is redelivered.
      .catch(() => message.nak(this.#stop.signal.aborted ? 0 : RETRY_MS))
      .finally(() => clearInterval(working));
    this.#sending.set(channel.number, after);
  }

  async #transmit(transmission: Parameters<typeof transmit>[2]): Promise<void> {
    const { region, logger, onOutcome } = this.options;
    const startedAt = performance.now();
    const outcome = await transmit(this.options, region, transmission, this.#stop.signal);
    onOutcome(region, outcome, (performance.now() - startedAt) / 1000);
    const { uuid: order, tx_seq_num: txSeqNum, attempt } = transmission.started;
    const level = outcome === 'confirmed' ? 'info' : 'warn';
    logger[level]({ region, order, txSeqNum, attempt, outcome }, 'simulated transmission');
  }
}
