import { setTimeout as pause } from 'node:timers/promises';
import { failpoint } from '../../engine/failpoint.js';
import type { LightningPort, NodeEvent } from '../../adapters/lightning/port.js';
import { PublishWindow } from './watcher/publish-window.js';
import { publishEvent, type Publisher } from './watcher/publish-event.js';
import { WatchLock } from './watcher/watch-lock.js';
import type { Queries } from './journal/stored-journal.js';

export interface WatcherOptions extends Publisher {
  readonly port: Pick<LightningPort, 'subscribe'>;
  readonly connectionString: string;
  /** Runs beside it while it has the lock, for a node whose events are journaled here. */
  readonly observe?: (lock: Queries, signal: AbortSignal) => Promise<void>;
  /** How often a waiting watcher tries to get the lock; default 1 s. */
  readonly retryMs?: number;
  /** Called when it starts and when it stops watching. */
  readonly onWatching?: (watching: boolean) => void;
  /** Called for each event that JetStream has stored, with the time since it came from the node. */
  readonly onPublished?: (event: NodeEvent, seconds: number) => void;
  /** Called when the cursor has moved. */
  readonly onAdvanced?: (cursor: bigint) => void;
}

const RETRY_MS = 1_000;
const MAX_IN_FLIGHT = 64;
/**
 * The node may send an event after later ones. A watcher that died in between has moved the cursor past
 * it, so this many events before the cursor are published again.
 */
const REPUBLISHED = 100n;

/**
 * Publishes the node's events, each at least once, from a little before the cursor of the last watcher.
 * One process watches each node; others wait for its lock and take over. Runs until aborted.
 */
export async function runWatcher(options: WatcherOptions, signal: AbortSignal): Promise<void> {
  const { logger, retryMs = RETRY_MS } = options;
  const isOver = (): boolean => signal.aborted;
  while (!isOver()) {
    try {
      await watchOnce(options, retryMs, signal);
    } catch (err) {
      if (isOver()) return;
      logger.warn({ err }, 'watching the node failed: trying again');
    }
    // Rejects when aborted; the loop checks that.
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
    await watchBeside(options, lock, cursor, AbortSignal.any([signal, lock.lost]));
    // An aborted subscription ends without an error: throw the reason, which is logged.
    lock.lost.throwIfAborted();
  } finally {
    onWatching?.(false);
    await lock.release();
  }
}

async function watchBeside(
  options: WatcherOptions,
  lock: WatchLock,
  cursor: bigint,
  signal: AbortSignal,
): Promise<void> {
  const ended = new AbortController();
  const observing = options.observe?.(lock, AbortSignal.any([signal, ended.signal]));
  // What fails is told below, after the watching has ended too.
  observing?.catch((error: unknown) => ended.abort(error));
  try {
    await watch(options, lock, cursor, AbortSignal.any([signal, ended.signal]));
  } finally {
    ended.abort();
    await observing;
  }
}

async function watch(
  options: WatcherOptions,
  lock: WatchLock,
  after: bigint,
  signal: AbortSignal,
): Promise<void> {
  const window = new PublishWindow({
    size: MAX_IN_FLIGHT,
    publish: async (event) => {
      const cameAt = performance.now();
      await publishEvent(options, event, signal);
      options.onPublished?.(event, (performance.now() - cameAt) / 1000);
    },
    advance: async (cursor) => {
      await failpoint('after-publish-before-cursor');
      await lock.advance(cursor, options.epoch);
      options.onAdvanced?.(cursor);
    },
  });
  const until = AbortSignal.any([signal, window.failed]);
  const from = after > REPUBLISHED ? after - REPUBLISHED : 0n;
  for await (const event of options.port.subscribe(from, until)) await window.push(event);
  window.failed.throwIfAborted();
}
