import { setTimeout as pause } from 'node:timers/promises';

export interface Sweep {
  readonly everyMs: number;
  /** Gives how much there was to do; repeated at once while that is more than 0. */
  readonly work: () => Promise<number>;
  readonly onError: (error: unknown) => void;
}

/** Repeats the work until stopped. */
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
    // Rejects when aborted; the loop checks that.
    await pause(everyMs, undefined, { signal }).catch(() => undefined);
  }
}
