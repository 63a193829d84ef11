import type { FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../../../domain/refusal.js';
import type { Logger } from '../../shared/logger.js';
import type { ChangeFeed } from './change-feed.js';
import { type EventStream, OpenStreams } from './event-stream.js';
import { Places } from '../places.js';

export interface StateStreamSettings {
  readonly feed: ChangeFeed;
  readonly logger: Logger;
  readonly keepaliveMs?: number;
  /** Default: any number. */
  readonly places?: Places;
  /** How often the state is read although nothing is known to have changed. */
  readonly refreshMs?: number;
}

const REFRESH_MS = 10_000;
const RETRY_AFTER_SECONDS = 30;
/** Changes that follow fast are told together. */
const TOGETHER_MS = 200;
/** A client that has not read for so many refreshes is let go. */
const MOST_STALLED = 12;

/** What a stream tells of. */
export interface Followed {
  readonly topic: string;
  /** The whole state; undefined where the caller may not see it any more: the stream ends. */
  readonly read: () => Promise<object | undefined>;
}

/**
 * Streams of states: each event has the whole state, the first one that of the beginning. What a client has not read yet is not kept:
 * it gets the newest state when it reads on, and costs one state at most.
 */
export class StateStreams {
  readonly #streams: OpenStreams;
  readonly #places: Places;

  constructor(private readonly settings: StateStreamSettings) {
    this.#streams = new OpenStreams({ keepaliveMs: settings.keepaliveMs });
    this.#places = settings.places ?? new Places();
  }

  /** Throws Refusal `events.too_many`, or what reading the state throws: before anything is sent. */
  async open(request: FastifyRequest, reply: FastifyReply, followed: Followed): Promise<void> {
    const giveBack = this.#enter(request.ip);
    let onChange: () => void = () => undefined;
    // From before the first reading on, so that no change is missed.
    const end = this.settings.feed.subscribe(followed.topic, () => onChange());
    try {
      const first = await followed.read();
      if (request.raw.destroyed || first === undefined) throw new Error('nobody reads it');
      const stream = this.#streams.open(reply, reply.getHeaders());
      const sender = new StateSender(stream, followed, this.settings);
      onChange = () => sender.changed();
      stream.onEnd(() => {
        end();
        giveBack();
        sender.stop();
      });
      sender.begin(first);
    } catch (error) {
      end();
      giveBack();
      throw error;
    }
  }

  endAll(): void {
    this.#streams.endAll();
  }

  #enter(address: string): () => void {
    const leave = this.#places.enter(address);
    if (leave !== undefined) return leave;
    const detail = 'close others first, or read the state by itself';
    throw new Refusal('events.too_many', detail, [], RETRY_AFTER_SECONDS);
  }
}

/** Sends one state after the other, never two at once. */
class StateSender {
  #last = '';
  #number = 0;
  #dirty = false;
  #sending = false;
  #stalled = 0;
  readonly #refresh: NodeJS.Timeout;

  constructor(
    private readonly stream: EventStream,
    private readonly followed: Followed,
    private readonly settings: StateStreamSettings,
  ) {
    this.#refresh = setInterval(() => this.#look(), settings.refreshMs ?? REFRESH_MS);
    stream.onDrain(() => {
      this.#stalled = 0;
      if (this.#dirty) this.changed();
    });
  }

  begin(state: object): void {
    this.#write(state);
  }

  changed(): void {
    this.#dirty = true;
    if (this.#sending || !this.stream.isDrained) return;
    this.#sending = true;
    setTimeout(() => void this.#send(), TOGETHER_MS);
  }

  stop(): void {
    clearInterval(this.#refresh);
  }

  #look(): void {
    if (this.stream.isDrained) this.#stalled = 0;
    else this.#stalled += 1;
    if (this.#stalled > MOST_STALLED) this.stream.end();
    this.changed();
  }

  async #send(): Promise<void> {
    this.#dirty = false;
    try {
      const state = await this.followed.read();
      if (state === undefined) this.stream.end();
      else this.#write(state);
    } catch (err) {
      if (err instanceof Refusal) this.stream.end();
      // It is read again at the next refresh.
      this.settings.logger.warn({ err, topic: this.followed.topic }, 'a state could not be read');
    }
    this.#sending = false;
    if (this.#isDirty()) this.changed();
  }

  #isDirty(): boolean {
    return this.#dirty;
  }

  #write(state: object): void {
    const text = JSON.stringify(state);
    if (text === this.#last) return;
    this.#last = text;
    this.#number += 1;
    this.stream.write(`id: ${this.#number}\nevent: state\ndata: ${text}\n\n`);
  }
}
