import { setTimeout as pause } from 'node:timers/promises';

type Nothing = undefined | null | false;

/** Asks until there is an answer and gives it; fails, naming what was waited for, after `timeoutMs`. */
export async function waitUntil<T>(
  what: string,
  ask: () => Promise<T | Nothing> | T | Nothing,
  timeoutMs = 15_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== null && answer !== false) return answer;
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain: ${what}`);
    await pause(20);
  }
}
