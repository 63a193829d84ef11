import { setTimeout as pause } from 'node:timers/promises';
import { DeliverPolicy, type JsMsg, type NatsConnection } from 'nats';
import type { Pool } from 'pg';
import { readEpoch } from '../../../db/installation.js';
import { EPOCH_HEADER, type StreamName } from '../../../domain/names/subjects.js';
import type { Logger } from '../../shared/logger.js';
import { readTransmissionEvent } from '../../shared/messages/transmission-events.js';
import { ensureStreams, HEARTBEAT_MS } from '../../shared/streams.js';
import type { EventFeed } from './event-feed.js';

const STREAM: StreamName = 'TRANSMISSIONS';
const RETRY_MS = 500;

export interface Follower {
  /** Resolves once it follows: from then on it misses no event. */
  readonly ready: Promise<void>;
  stop(): Promise<void>;
}

interface FollowParts {
  readonly nc: NatsConnection;
  /** Where the installation's epoch is read: events of other data on the same NATS are left out. */
  readonly reads: Pool;
  readonly feed: EventFeed;
  readonly logger: Logger;
}

/** Gives the feed what JetStream stores from now on, in order and each once; after a lost connection, what was stored meanwhile. */
export function followEvents(parts: FollowParts): Follower {
  const stopping = new AbortController();
  let lastSequence = 0;
  let onReady: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => (onReady = resolve));
  const isOver = (): boolean => stopping.signal.aborted;
  const done = (async () => {
    while (!isOver()) {
      try {
        await follow(parts, stopping.signal, lastSequence, onReady, (sequence) => {
          lastSequence = sequence;
        });
      } catch (err) {
        if (!isOver()) parts.logger.warn({ err }, 'events are not followed for now');
      }
      await pause(RETRY_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  })();
  return {
    ready,
    stop: async () => {
      stopping.abort();
      await done;
    },
  };
}

async function follow(
  { nc, reads, feed, logger }: FollowParts,
  signal: AbortSignal,
  after: number,
  onReady: () => void,
  onRead: (sequence: number) => void,
): Promise<void> {
  await ensureStreams(nc, [STREAM]);
  // An ordered consumer: it is made anew where a message was missed.
  const consumer = await nc.jetstream().consumers.get(STREAM, {
    filterSubjects: 'transmissions.>',
    ...(after > 0
      ? { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: after + 1 }
      : { deliver_policy: DeliverPolicy.New }),
  });
  const messages = await consumer.consume({ idle_heartbeat: HEARTBEAT_MS });
  const stop = (): void => messages.stop();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) messages.stop();
  onReady();
  let epoch = await readEpoch(reads);
  for await (const message of messages) {
    const sent = message.headers?.get(EPOCH_HEADER);
    // A reset raises it.
    if (sent !== epoch.toString()) epoch = await readEpoch(reads);
    if (sent === epoch.toString()) publish(feed, message, logger);
    onRead(message.seq);
  }
  signal.removeEventListener('abort', stop);
}

function publish(feed: EventFeed, message: JsMsg, logger: Logger): void {
  try {
    feed.publish(readTransmissionEvent(message.subject, message.json()));
  } catch (err) {
    logger.error({ err, subject: message.subject }, 'an event that cannot be read was left out');
  }
}
