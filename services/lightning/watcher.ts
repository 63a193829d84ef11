import { setTimeout as pause } from 'node:timers/promises';
import { failpoint } from '../../engine/failpoint.js';
import type { LightningPort } from '../../adapters/lightning/port.js';
import { PublishWindow } from './watcher/publish-window.js';
import { publishEvent, type Publisher } from './watcher/publish-event.js';
import { WatchLock } from './watcher/watch-lock.js';

export interface WatcherOptions extends Publisher {
  readonly port: Pick<LightningPort, 'subscribe'>;
  readonly connectionString: string;
  /** How often one that waits for its turn tries; default 1 s. */
  readonly retryMs?: number;
  /** Told when it begins and when it stops being the one that watches. */
  readonly onWatching?: (watching: boolean) => void;
  /** Told of each event that JetStream has stored. */
  readonly onPublished?: () => void;
  /** Told when the cursor has moved on. */
  readonly onAdvanced?: (cursor: bigint) => void;
}

const RETRY_MS = 1_000;
const AT_ONCE = 64;
/** Events that may have been told after later ones: a watcher that died between the two is made up for by telling them again. */
const TOLD_AGAIN = 100n;

/**
 * Publishes what the node sees, each event at least once, from a little before where the last watcher
 * stopped. One watches per node; others wait here and take over. Runs until aborted.
 */
export async function runWatcher(options: WatcherOptions, signal: AbortSignal): Promise<void> {
  const { logger, retryMs = RETRY_MS } = options;
  const isOver = (): boolean => signal.aborted;
  while (!isOver()) {
    try {
      await watchOnce(options, retryMs, signal);
    } catch (err) {
      if (isOver()) return;
      logger.warn({ err }, 'stopped watching the node: trying again');
    }
    // Rejects when aborted, which the loop sees.
    await pause(retryMs, undefined, { signal }).catch(() => undefined);
  }
}

async function watchOnce(
  options: WatcherOptions,
  retryMs: number,
  signal: AbortSignal,
): Promise<void> {
  const { connectionString, node, logger, onWatching } = options;
  const lock = await WatchLock.take({ connectionString, node, retryMs }, signal);
  try {
    const cursor = await lock.cursor();
    logger.info({ node, cursor: cursor.toString() }, 'watching the node');
    onWatching?.(true);
    await watch(options, lock, cursor, AbortSignal.any([signal, lock.lost]));
    // An aborted subscription just ends; why it did is for the log.
    lock.lost.throwIfAborted();
  } finally {
    onWatching?.(false);
    await lock.release();
  }
}

async function watch(
  options: WatcherOptions,
  lock: WatchLock,
  after: bigint,
  signal: AbortSignal,
): Promise<void> {
  const window = new PublishWindow({
    size: AT_ONCE,
    publish: async (event) => {
      await publishEvent(options, event, signal);
      options.onPublished?.();
    },
    advance: async (cursor) => {
      await failpoint('after-publish-before-cursor');
      await lock.advance(cursor, options.epoch);
      options.onAdvanced?.(cursor);
    },
  });
  const until = AbortSignal.any([signal, window.failed]);
  const from = after > TOLD_AGAIN ? after - TOLD_AGAIN : 0n;
  for await (const event of options.port.subscribe(from, until)) await window.push(event);
  window.failed.throwIfAborted();
}
