import { setTimeout as pause } from 'node:timers/promises';

export interface Sweep {
  readonly everyMs: number;
  /** How much there was to do; again at once while there is something. */
  readonly work: () => Promise<number>;
  readonly onError: (error: unknown) => void;
}

/** Does the work again and again until stopped. */
export function startSweep(sweep: Sweep): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const running = run(sweep, stopping.signal);
  return {
    stop: () => {
      stopping.abort();
      return running;
    },
  };
}

async function run({ everyMs, work, onError }: Sweep, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      if ((await work()) > 0) continue;
    } catch (error) {
      onError(error);
    }
    // Rejects when aborted, which the loop sees.
    await pause(everyMs, undefined, { signal }).catch(() => undefined);
  }
}
