import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Channel } from '../../../domain/transmissions/channels.js';
import { OpenStreams } from '../events/event-stream.js';
import { SatelliteError } from './errors.js';
import type { EventFeed, TransmissionEvent } from './event-feed.js';
import { pythonJson } from './python-json.js';
import { Places } from '../places.js';

interface StreamOptions {
  /** Default: any number. */
  readonly places?: Places;
  readonly keepaliveMs?: number;
}

/** Streams of events of transmissions. */
export class EventStreams {
  readonly #open: OpenStreams;

  readonly #places: Places;

  constructor(
    private readonly feed: EventFeed,
    private readonly channels: readonly Channel[],
    { places = new Places(), keepaliveMs }: StreamOptions = {},
  ) {
    this.#places = places;
    this.#open = new OpenStreams({ keepaliveMs });
  }

  /** GET /subscribe/CHANNELS: server-sent events of the named channels, spelled as the peer spells them. */
  subscribe(request: FastifyRequest, reply: FastifyReply, admin: boolean): FastifyReply {
    const { channels: list } = z.object({ channels: z.string() }).parse(request.params);
    const wanted = this.#wanted(list, admin);
    // Administrators are few and known.
    const leave = admin ? () => undefined : this.#enter(request.ip);
    const stream = this.#open.open(reply);
    const end = this.feed.subscribe((event) => {
      if (wanted.has(event.channel.name)) stream.write(eventText(event));
    });
    stream.onEnd(() => {
      end();
      leave();
    });
    return reply;
  }

  endAll(): void {
    this.#open.endAll();
  }

  /** Takes a place, or throws 429. */
  #enter(address: string): () => void {
    const leave = this.#places.enter(address);
    if (leave !== undefined) return leave;
    throw SatelliteError.message(429, 'Too many event streams are open.');
  }

  /** An empty list means every channel that the caller may read: the peer also shows the others then. */
  #wanted(list: string, admin: boolean): ReadonlySet<string> {
    const named = list.split(',').filter((name) => name !== '');
    const allowed = this.channels.filter(({ userMay }) => admin || userMay.includes('get'));
    const hidden = this.channels.filter((channel) => !allowed.includes(channel));
    const forbidden = hidden.find(({ name }) => named.includes(name));
    if (forbidden !== undefined) {
      throw SatelliteError.text(401, `Operation not supported on the ${forbidden.name} channel`);
    }
    return new Set(named.length === 0 ? allowed.map(({ name }) => name) : named);
  }
}

/** No space after the colons: the peer's client looks for exactly this. */
function eventText({ channel, order }: TransmissionEvent): string {
  return `event:${channel.name}\ndata:${pythonJson(order)}\n\n`;
}
