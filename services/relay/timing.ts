import { setTimeout as pause } from 'node:timers/promises';

const CHECK_EVERY_MS = 20;

/**
 * Milliseconds to wait after the n-th failure in a row, counted from 0: doubled each time up to `longestMs`, and shortened by a
 * random part of up to half, so that what failed at the same time is not retried at the same time.
 */
export function backoffMs(failures: number, firstMs: number, longestMs: number): number {
  const full = Math.min(longestMs, firstMs * 2 ** Math.min(failures, 30));
  return full * (1 - Math.random() / 2);
}

/** Waits until `isTrue` no longer holds, `longestMs` have passed or `signal` aborts. Returns whether it still holds. */
export async function waitWhile(
  isTrue: () => boolean,
  longestMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  const until = performance.now() + longestMs;
  while (isTrue()) {
    if (signal.aborted || performance.now() > until) return true;
    await pause(CHECK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
  return false;
}

/** Work that runs again and again. */
export interface Repeated {
  /** Resolves when the current run has ended. */
  stop(): Promise<void>;
}

/** Runs `work` now, and again `ms` after the end of each run. Its errors go to `onError`; `signal` aborts at the stop. */
export function repeat(
  ms: number,
  work: (signal: AbortSignal) => Promise<void>,
  onError: (error: unknown) => void,
): Repeated {
  const stopping = new AbortController();
  const { signal } = stopping;
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      await work(signal).catch(onError);
      await pause(ms, undefined, { signal }).catch(() => undefined);
    }
  };
  const done = run();
  return {
    stop: () => {
      stopping.abort();
      return done;
    },
  };
}
