import { setTimeout as pause } from 'node:timers/promises';

const POLL_MS = 100;
const REQUEST_TIMEOUT_MS = 5_000;

/** Waits until /readyz says yes. Rejects when the signal aborts. */
export async function waitReady(url: string, signal: AbortSignal): Promise<void> {
  while (!(await isReady(url))) await pause(POLL_MS, undefined, { signal });
}

async function isReady(url: string): Promise<boolean> {
  try {
    const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    const response = await fetch(`${url}/readyz`, { signal: timeout });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    // Not listening yet, or not any more: the child's end is watched elsewhere.
    return false;
  }
}
