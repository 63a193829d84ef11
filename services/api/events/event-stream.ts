import type { FastifyReply } from 'fastify';

const KEEPALIVE_MS = 25_000;
/** How long a client has to read what was written before the end. */
const LAST_BYTES_MS = 1_000;
const MAX_WAITING_BYTES = 4 * 1024 * 1024;

/** Server-sent events to one client. */
export interface EventStream {
  /** Complete lines of the event stream. What does not fit any more ends it. */
  write(text: string): void;
  /** Whether what was written before has left for the client. */
  readonly isDrained: boolean;
  /** Called when it has. */
  onDrain(listener: () => void): void;
  /** Called once, when it is over for whatever reason. */
  onEnd(listener: () => void): void;
  end(): void;
}

interface StreamSettings {
  readonly keepaliveMs?: number | undefined;
  /** A client that has not read so much is let go. */
  readonly maxWaitingBytes?: number;
  readonly cacheControl?: 'no-cache' | 'no-store';
}

/** Event streams that are open, so that a process which stops can end them. */
export class OpenStreams {
  readonly #open = new Set<EventStream>();
  #isEnding = false;

  constructor(private readonly settings: StreamSettings = {}) {}

  /** Answers with a stream of events, which lasts until one of the two ends it. `headers`: others beside those of a stream. */
  open(
    reply: FastifyReply,
    headers: Partial<ReturnType<FastifyReply['getHeaders']>> = {},
  ): EventStream {
    const { keepaliveMs = KEEPALIVE_MS, maxWaitingBytes = MAX_WAITING_BYTES } = this.settings;
    const { raw } = reply.hijack();
    for (const [name, value] of Object.entries(headers)) {
      if (value !== undefined) raw.setHeader(name, value);
    }
    raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': this.settings.cacheControl ?? 'no-cache',
      'x-accel-buffering': 'no',
      connection: 'keep-alive',
    });
    raw.flushHeaders();
    const write = (text: string): void => {
      if (raw.writableEnded) return;
      if (raw.writableLength > maxWaitingBytes) raw.destroy();
      else raw.write(text);
    };
    const stream: EventStream = {
      write,
      get isDrained() {
        return raw.writableLength === 0;
      },
      onDrain: (listener) => raw.on('drain', listener),
      onEnd: (listener) => onClose(raw, listener),
      end: () => {
        raw.end();
        // Whoever does not read must not hold up a process that stops.
        setTimeout(() => raw.destroy(), LAST_BYTES_MS).unref();
      },
    };
    const keepalive = setInterval(() => write(': keepalive\n\n'), keepaliveMs);
    this.#open.add(stream);
    onClose(raw, () => {
      clearInterval(keepalive);
      this.#open.delete(stream);
    });
    if (this.#isEnding) stream.end();
    return stream;
  }

  /** Those too that are opened later, by requests that are under way. */
  endAll(): void {
    this.#isEnding = true;
    for (const stream of this.#open) stream.end();
  }

  get size(): number {
    return this.#open.size;
  }
}

/** A client may have gone before its stream was opened: `close` is not emitted again. */
function onClose(raw: FastifyReply['raw'], listener: () => void): void {
  if (raw.destroyed) queueMicrotask(listener);
  else raw.once('close', listener);
}
