import type { FastifyReply } from 'fastify';
import { Refusal } from '../../../../domain/refusal.js';
import { OpenStreams } from '../../events/event-stream.js';
import { Places } from '../../places.js';

const RETRY_AFTER_SECONDS = 30;

/** Server-sent events that say no more than that a page has changed: it is read again, so that a lost event costs nothing. */
export class PageStreams {
  readonly #streams = new OpenStreams({
    keepaliveMs: 20_000,
    maxWaitingBytes: 64 * 1024,
    cacheControl: 'no-store',
  });

  constructor(private readonly places = new Places()) {}

  /** `subscribe` is given what sends an event, and returns what ends it. Throws Refusal `events.too_many`. */
  open(reply: FastifyReply, subscribe: (send: (mark: string) => void) => () => void): FastifyReply {
    const leave = this.places.enter(reply.request.ip);
    if (leave === undefined) {
      throw new Refusal('events.too_many', 'close other pages', [], RETRY_AFTER_SECONDS);
    }
    const stream = this.#streams.open(reply);
    const end = subscribe((mark) => stream.write(`data: ${mark.replaceAll('\n', ' ')}\n\n`));
    stream.onEnd(() => {
      end();
      leave();
    });
    return reply;
  }

  endAll(): void {
    this.#streams.endAll();
  }
}
