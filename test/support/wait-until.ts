import { setTimeout as pause } from 'node:timers/promises';

type Nothing = undefined | null | false;

/** Polls `ask` until it answers and returns the answer. Throws after `timeoutMs`, naming what it waited for. */
export async function waitUntil<T>(
  what: string,
  ask: () => Promise<T | Nothing> | T | Nothing,
  timeoutMs = 15_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== null && answer !== false) return answer;
    if (Date.now() > deadline) throw new Error(`timed out after ${timeoutMs} ms: ${what}`);
    await pause(20);
  }
}
