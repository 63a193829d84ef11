import { setTimeout as pause } from 'node:timers/promises';

const LOOK_EVERY_MS = 20;
const LONGEST_MS = 2_000;

/** Waits while something more urgent goes on, but never for long: what stands aside goes on too, in larger steps. */
export async function standAside(isBusy: () => boolean, signal: AbortSignal): Promise<void> {
  const until = performance.now() + LONGEST_MS;
  while (isBusy() && !signal.aborted && performance.now() < until) {
    await pause(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}
