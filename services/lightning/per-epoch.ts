import { setTimeout as pause } from 'node:timers/promises';

const POLL_MS = 2_000;

/** Runs work under the installation's epoch, and anew when a reset has raised it, until aborted. */
export async function perEpoch(
  readEpoch: () => Promise<bigint>,
  work: (epoch: bigint, signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const epoch = await readEpoch();
    const raised = new AbortController();
    const working = work(epoch, AbortSignal.any([signal, raised.signal]));
    const watching = watch(readEpoch, epoch, signal)
      // Only a stop ends the reading of it.
      .catch(() => undefined)
      .then(() => raised.abort());
    await Promise.all([working, watching]);
  }
}

/** Resolves when the epoch is another one, or when aborted. */
async function watch(
  readEpoch: () => Promise<bigint>,
  epoch: bigint,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted && (await readEpoch()) === epoch) {
    await pause(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}
