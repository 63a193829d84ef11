import type { Pool } from 'pg';

/** Relays listen on this channel for new rows in the outbox. */
export const OUTBOX_CHANNEL = 'outbox';

/**
 * Tells the relays that the outbox has rows; to be called after the commit. Coalesced: at most one NOTIFY is under way and one
 * waits, however often it is called, since every NOTIFY takes a lock of the whole database at its commit. Failing does no harm:
 * relays poll besides.
 */
export function createNotifier(
  pool: Pick<Pool, 'query'>,
  onError: (error: unknown) => void,
): () => void {
  let underway = false;
  let again = false;
  const notify = (): void => {
    if (underway) {
      again = true;
      return;
    }
    underway = true;
    pool
      .query(`notify ${OUTBOX_CHANNEL}`)
      .catch(onError)
      .finally(() => {
        underway = false;
        if (!again) return;
        again = false;
        notify();
      });
  };
  return notify;
}
