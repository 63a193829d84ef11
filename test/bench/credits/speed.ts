import { oneByOneInTurns } from '../callers.js';

type Calls = Readonly<Record<string, (index: number) => Promise<unknown>>>;

/** Runs `count` calls of each, alternating, and returns how many of each would run per second, one after the other. */
export async function perSecondInTurns(
  count: number,
  calls: Calls,
): Promise<Readonly<Record<string, number>>> {
  const times = await oneByOneInTurns(count, calls);
  return Object.fromEntries(
    Object.entries(times).map(([what, durations]) => [
      what,
      (durations.length * 1000) / durations.reduce((sum, time) => sum + time, 0),
    ]),
  );
}
