import { setTimeout as pause } from 'node:timers/promises';

export interface Retry {
  readonly signal: AbortSignal;
  /** Called after each failure, numbered from 0. Throws to stop trying. */
  readonly onFailure: (error: unknown, failures: number) => void;
  readonly firstPauseMs?: number;
  readonly longestPauseMs?: number;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/** Tries until it succeeds, with growing, random pauses. Throws the signal's reason when aborted. */
export async function retry<T>(attempt: () => Promise<T>, options: Retry): Promise<T> {
  const { signal, onFailure } = options;
  const { firstPauseMs = FIRST_PAUSE_MS, longestPauseMs = LONGEST_PAUSE_MS } = options;
  for (let failures = 0; ; failures += 1) {
    signal.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      signal.throwIfAborted();
      onFailure(error, failures);
    }
    const longest = Math.min(longestPauseMs, firstPauseMs * 2 ** failures);
    await pause(longest * (0.5 + Math.random() / 2), undefined, { signal });
  }
}
