import { setTimeout as pause } from 'node:timers/promises';
import type { Pool } from 'pg';
import { listen } from '../../../db/listener.js';
import { OUTBOX_CHANNEL } from '../../../db/notifier.js';
import { changedItems } from '../../../engine/items/changed-items.js';
import { readEventsAfter } from '../../../engine/read-events.js';
import type { Logger } from '../../shared/logger.js';
import { accountTopic, actionTopic, type ChangeFeed, itemTopic } from './change-feed.js';

/** What changes within it is read together. */
const TOGETHER_MS = 50;
const EVENTS_AT_ONCE = 1_000;
/** Without a notification, which may be lost. */
const LONGEST_MS = 2_000;

interface FollowParts {
  readonly databaseUrl: string;
  readonly reads: Pool;
  readonly feed: ChangeFeed;
  readonly logger: Logger;
}

/**
 * Tells the feed whom and what the outbox's new events are about, whether or not NATS is there to have them. Reads nothing while nobody
 * follows.
 */
export function followChanges({ databaseUrl, reads, feed, logger }: FollowParts): {
  stop(): Promise<void>;
} {
  const stopping = new AbortController();
  let wake: () => void = () => undefined;
  const listener = listen({
    connectionString: databaseUrl,
    applicationName: 'quittance-api-listen',
    channel: OUTBOX_CHANNEL,
    onNotify: () => wake(),
    onLost: (err) => logger.warn({ err }, 'not listening for now; changes are read every 2 s'),
  });
  const isOver = (): boolean => stopping.signal.aborted;
  const done = (async () => {
    let read: ReadSoFar | undefined;
    while (!isOver()) {
      const woken = new Promise<void>((resolve) => (wake = resolve));
      try {
        read = await readOn(reads, feed, read);
      } catch (err) {
        logger.warn({ err }, 'changes could not be read');
      }
      await Promise.race([woken, sleep(LONGEST_MS, stopping.signal)]);
      await sleep(TOGETHER_MS, stopping.signal);
    }
  })();
  return {
    stop: async () => {
      stopping.abort();
      await Promise.all([done, listener.stop()]);
    },
  };
}

interface ReadSoFar {
  readonly last: bigint;
  /** Of those that are read again, since rows may become visible late. */
  readonly ids: ReadonlySet<bigint>;
}

async function readOn(
  reads: Pool,
  feed: ChangeFeed,
  before: ReadSoFar | undefined,
): Promise<ReadSoFar> {
  // Whoever begins to follow misses nothing of what comes after.
  if (before === undefined || !feed.isFollowed) {
    return { last: await readNewest(reads), ids: new Set() };
  }
  const { last, ids } = before;
  const all = await readEventsAfter(reads, last, EVENTS_AT_ONCE);
  const events = all.filter(({ id }) => !ids.has(id));
  const actions = new Set(events.flatMap(({ actionId }) => actionId ?? []));
  feed.publish(new Set(events.flatMap(({ accounts }) => accounts.map(accountTopic))));
  feed.publish([...actions].map(actionTopic));
  if (feed.follows('item')) {
    feed.publish((await changedItems(reads, [...actions])).map(itemTopic));
  }
  const newest = all.at(-1)?.id;
  return {
    last: newest !== undefined && newest > last ? newest : last,
    ids: new Set(all.map(({ id }) => id)),
  };
}

async function readNewest(reads: Pool): Promise<bigint> {
  const { rows } = await reads.query<{ id: bigint }>(
    'select coalesce(max(id), 0)::bigint as id from outbox',
  );
  return rows[0]?.id ?? 0n;
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return pause(ms, undefined, { signal }).catch(() => undefined);
}
