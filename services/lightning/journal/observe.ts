import type { LndChannel } from '../../../adapters/lightning/lnd/channel.js';
import { LndObserver } from '../../../adapters/lightning/lnd/observer.js';
import { ownHashes } from './own-hashes.js';
import type { Queries, StoredJournal } from './stored-journal.js';

export interface ObserveOptions {
  readonly lnd: LndChannel;
  readonly journal: StoredJournal;
  readonly pool: Queries;
  readonly onTrouble: (error: unknown) => void;
}

/** Writes what lnd does into the journal over the connection of the watcher's lock, until aborted. */
export function observe(
  { lnd, journal, pool, onTrouble }: ObserveOptions,
  lock: Queries,
  signal: AbortSignal,
): Promise<void> {
  const observer = new LndObserver({
    ...{ lnd, onTrouble },
    own: ownHashes(pool),
    store: journal.over(lock),
  });
  return observer.run(signal);
}
