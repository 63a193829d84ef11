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
import { ensureConsumer, ensureStreams } from '../shared/streams.js';
import { readStarted } from './read-started.js';
import { Recent } from './recent.js';
import { type StationParts, transmit, type TransmissionOutcome } from './transmit.js';

const STREAM: StreamName = 'TRANSMISSIONS';
/** A message in hand is announced as such well within this, or somebody else gets it. */
const ACK_WAIT_MS = 10_000;
const STILL_WORKING_MS = 3_000;
const PULL_MS = 10_000;
const IN_HAND = 64;
const BEGIN_AGAIN_MS = 500;
const FLUSH_MS = 1_000;

export interface StationOptions extends StationParts {
  readonly nc: NatsConnection;
  readonly region: number;
  readonly onOutcome: (region: number, outcome: TransmissionOutcome) => void;
}

/** The Tx host and the receiver of one region. Its place in the stream is kept by JetStream under the region's name. */
export class Station {
  readonly #stop = new AbortController();
  readonly #recent = new Recent(1000);
  /** Each channel is a line of its own: one message after the other. */
  readonly #lines = new Map<number, Promise<void>>();
  #messages: ConsumerMessages | undefined;
  #done: Promise<void> | undefined;

  constructor(private readonly options: StationOptions) {}

  /** Resolves once its place in the stream is kept: from then on it misses nothing. */
  start(): Promise<void> {
    return new Promise((resolve) => {
      this.#done ??= this.#run(resolve);
    });
  }

  /** What is in hand is given back; it will be sent again. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#messages?.stop();
    await this.#done;
    await Promise.all(this.#lines.values());
    // So that the next one need not wait until this one counts as lost.
    await Promise.race([this.options.nc.flush().catch(() => undefined), pause(FLUSH_MS)]);
  }

  async #run(onPlace: () => void): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await this.#consume(onPlace);
      } catch (err) {
        this.options.logger.warn({ err, region: this.options.region }, 'a station begins again');
      }
      await pause(BEGIN_AGAIN_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async #consume(onPlace: () => void): Promise<void> {
    const { nc, js, region } = this.options;
    await ensureStreams(nc);
    const durable = `station-${region}`;
    const manager = await nc.jetstreamManager();
    await ensureConsumer(manager, STREAM, {
      durable_name: durable,
      filter_subject: 'transmissions.*.started',
      // A new station begins with what may still be on the lines, not with a month of old messages.
      deliver_policy: DeliverPolicy.LastPerSubject,
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(ACK_WAIT_MS),
      max_deliver: -1,
      max_ack_pending: IN_HAND,
    });
    onPlace();
    const consumer = await js.consumers.get(STREAM, durable);
    this.#messages = await consumer.consume({
      max_messages: IN_HAND,
      expires: PULL_MS,
      abort_on_missing_resource: true,
    });
    if (this.#stop.signal.aborted) this.#messages.stop();
    for await (const message of this.#messages) this.#take(message);
  }

  #take(message: JsMsg): void {
    const { logger, region } = this.options;
    const read = readStarted(message);
    if ('unreadable' in read) {
      logger.error({ region, reason: read.unreadable }, 'a message that no station understands');
      message.term();
      return;
    }
    const { started, channel, epoch } = read;
    const key = `${epoch}/${started.tx_seq_num}/${started.attempt}`;
    if (!started.regions.some((one) => one === region)) {
      message.ack();
      return;
    }
    const working = setInterval(() => message.working(), STILL_WORKING_MS);
    const before = this.#lines.get(channel.number) ?? Promise.resolve();
    const after = before
      .then(async () => {
        if (!this.#recent.has(key)) await this.#transmit(read);
        this.#recent.add(key);
        message.ack();
      })
      // Told to stop, most likely: whoever starts next takes it up.
      .catch(() => message.nak(this.#stop.signal.aborted ? 0 : BEGIN_AGAIN_MS))
      .finally(() => clearInterval(working));
    this.#lines.set(channel.number, after);
  }

  async #transmit(transmission: Parameters<typeof transmit>[2]): Promise<void> {
    const { region, logger, onOutcome } = this.options;
    const outcome = await transmit(this.options, region, transmission, this.#stop.signal);
    onOutcome(region, outcome);
    const { uuid: order, tx_seq_num: txSeqNum, attempt } = transmission.started;
    const level = outcome === 'confirmed' ? 'info' : 'warn';
    logger[level]({ region, order, txSeqNum, attempt, outcome }, 'simulated transmission');
  }
}
