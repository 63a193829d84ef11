import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../run-command.js';
import { processIdentity } from './process-identity.js';

/** Repeats `check` until it resolves; rejects with its last error at the deadline. */
export async function untilReady(
  check: () => Promise<unknown>,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    signal.throwIfAborted();
    try {
      await check();
      return;
    } catch (error) {
      if (Date.now() > deadline) {
        const seconds = Math.round(timeoutMs / 1000);
        throw new Error(`not ready after ${seconds} s: ${messageOf(error)}`, { cause: error });
      }
    }
    await delay(50, undefined, { signal });
  }
}

/** Whether the process, which may not be our child, ended in time. */
export async function untilGone(
  { pid, identity }: { pid: number; identity: string },
  timeoutMs: number,
): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while ((await processIdentity(pid)) === identity) {
    if (Date.now() > deadline) return false;
    await delay(50);
  }
  return true;
}
