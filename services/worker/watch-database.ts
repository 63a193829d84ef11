import { setTimeout as pause } from 'node:timers/promises';

const EVERY_MS = 2_000;
/** A server that restarts is not yet lost: to stop and start workers takes longer. */
const LOST_AFTER_MS = 10_000;

export interface DatabaseWatch {
  /** Rejects, in bounded time, while PostgreSQL does not answer. */
  readonly ask: () => Promise<unknown>;
  readonly onLost: (error: unknown) => Promise<void>;
  readonly onBack: () => Promise<void>;
  readonly signal: AbortSignal;
  readonly everyMs?: number;
  readonly lostAfterMs?: number;
}

/** Tells when PostgreSQL has not answered for a while, and when it answers again; until the signal aborts. */
export async function watchDatabase({
  ask,
  onLost,
  onBack,
  signal,
  everyMs = EVERY_MS,
  lostAfterMs = LOST_AFTER_MS,
}: DatabaseWatch): Promise<void> {
  let answeredAt = performance.now();
  let lost = false;
  while (!signal.aborted) {
    try {
      await ask();
      answeredAt = performance.now();
      if (lost) {
        lost = false;
        await onBack();
      }
    } catch (error) {
      if (!lost && performance.now() - answeredAt >= lostAfterMs) {
        lost = true;
        await onLost(error);
      }
    }
    await pause(everyMs, undefined, { signal }).catch(() => undefined);
  }
}
