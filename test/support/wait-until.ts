import { setTimeout as pause } from 'node:timers/promises';

/** Asks until the answer is truthy and gives it; fails, naming what was waited for, after `timeoutMs`. */
export async function waitUntil<T>(
  what: string,
  ask: () => Promise<T> | T,
  timeoutMs = 15_000,
): Promise<NonNullable<T>> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain: ${what}`);
    await pause(20);
  }
}
