import { Wakeup } from './alarm.js';

export interface Repeated {
  /** Resolves when the run under way is over. */
  stop(): Promise<void>;
}

/** Runs `work` now, and again `ms` after each end of it. What it throws goes to `onError`. */
export function every(
  ms: number,
  work: () => Promise<void>,
  onError: (error: unknown) => void,
): Repeated {
  const alarm = new Wakeup();
  let stopped = false;
  const isStopped = (): boolean => stopped;
  const run = async (): Promise<void> => {
    while (!isStopped()) {
      await work().catch(onError);
      await alarm.wait(ms);
    }
  };
  const done = run();
  return {
    stop: () => {
      stopped = true;
      alarm.ring();
      return done;
    },
  };
}
