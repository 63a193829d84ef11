import type { Pool } from 'pg';

/** Relays listen on this channel for new rows in the outbox. */
export const OUTBOX_CHANNEL = 'outbox';

/**
 * Returns a function that notifies the relays of new outbox rows; call it after the commit. Calls are coalesced into one NOTIFY in
 * flight and one pending, because every NOTIFY takes a database-wide lock at its commit. A failure does no harm: relays also poll.
 */
export function createNotifier(
  pool: Pick<Pool, 'query'>,
  onError: (error: unknown) => void,
): () => void {
  let inFlight = false;
  let pending = false;
  const notify = (): void => {
    if (inFlight) {
      pending = true;
      return;
    }
    inFlight = true;
    pool
      .query(`notify ${OUTBOX_CHANNEL}`)
      .catch(onError)
      .finally(() => {
        inFlight = false;
        if (!pending) return;
        pending = false;
        notify();
      });
  };
  return notify;
}
