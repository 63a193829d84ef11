import { setTimeout as pause } from 'node:timers/promises';

const LOOK_EVERY_MS = 20;
const LONGEST_MS = 1_000;

/**
 * Waits while something more urgent goes on, but never for long: what stands aside goes on too, in small steps. Whether it still
 * goes on.
 */
export async function throttle(
  isBusy: () => boolean,
  signal: AbortSignal,
  longestMs = LONGEST_MS,
): Promise<boolean> {
  const until = performance.now() + longestMs;
  while (isBusy()) {
    if (signal.aborted || performance.now() > until) return true;
    await pause(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
  return false;
}
