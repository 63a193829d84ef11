import type { FastifyReply } from 'fastify';
import { Refusal } from '../../../../domain/refusal.js';
import { Places } from '../../places.js';

const KEEPALIVE_MS = 20_000;
const RETRY_AFTER_SECONDS = 30;
const MAX_WAITING_BYTES = 64 * 1024;

/** Server-sent events that say no more than that a page has changed: it is read again, so that a lost event costs nothing. */
export class PageStreams {
  readonly #open = new Set<FastifyReply['raw']>();

  constructor(private readonly places = new Places()) {}

  /** `subscribe` is given what sends an event, and returns what ends it. Throws Refusal `events.too_many`. */
  open(reply: FastifyReply, subscribe: (send: (mark: string) => void) => () => void): FastifyReply {
    const leave = this.places.enter(reply.request.ip);
    if (leave === undefined) {
      throw new Refusal('events.too_many', 'close other pages', [], RETRY_AFTER_SECONDS);
    }
    const { raw } = reply.hijack();
    raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    raw.flushHeaders();
    const write = (text: string): void => {
      if (raw.writableLength > MAX_WAITING_BYTES) raw.destroy();
      else raw.write(text);
    };
    const end = subscribe((mark) => write(`data: ${mark.replaceAll('\n', ' ')}\n\n`));
    const keepalive = setInterval(() => write(': here\n\n'), KEEPALIVE_MS);
    this.#open.add(raw);
    raw.once('close', () => {
      end();
      leave();
      clearInterval(keepalive);
      this.#open.delete(raw);
    });
    return reply;
  }

  endAll(): void {
    for (const raw of this.#open) raw.end();
  }
}
