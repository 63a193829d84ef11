import { percentile } from './report/statistics.js';

export const CALLERS = 40;

/** Makes `count` calls from 40 callers, each with one call in flight. Returns the calls per second. */
export async function burst(
  count: number,
  call: (index: number) => Promise<unknown>,
): Promise<number> {
  let next = 0;
  const caller = async (): Promise<void> => {
    while (next < count) {
      next += 1;
      await call(next - 1);
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: CALLERS }, caller));
  return (count * 1000) / (performance.now() - startedAt);
}

/** Makes one call after the other. Returns the duration of each in ms. */
export async function oneByOne(
  count: number,
  call: (index: number) => Promise<unknown>,
): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const startedAt = performance.now();
    await call(index);
    times.push(performance.now() - startedAt);
  }
  return times;
}

type Calls = Readonly<Record<string, (index: number) => Promise<unknown>>>;

/** Alternates between calls that are compared, so that other load on the machine affects all of them. */
export async function oneByOneInTurns(
  count: number,
  calls: Calls,
): Promise<Readonly<Record<string, readonly number[]>>> {
  const times = Object.fromEntries(
    Object.keys(calls).map((what): [string, number[]] => [what, []]),
  );
  for (let index = 0; index < count; index += 1) {
    for (const [what, call] of Object.entries(calls)) {
      times[what]?.push(...(await oneByOne(1, () => call(index))));
    }
  }
  return times;
}

const TURNS = 5;

/** Splits the bursts of calls that are compared into pieces and alternates between them. Returns the calls per second of each. */
export async function burstsInTurns(
  count: number,
  calls: Calls,
): Promise<Readonly<Record<string, number>>> {
  const piece = Math.ceil(count / TURNS);
  const seconds: Record<string, number> = {};
  for (let turn = 0; turn < TURNS; turn += 1) {
    for (const [what, call] of Object.entries(calls)) {
      seconds[what] = (seconds[what] ?? 0) + piece / (await burst(piece, call));
    }
  }
  return Object.fromEntries(
    Object.entries(seconds).map(([what, taken]) => [what, (piece * TURNS) / taken]),
  );
}

export function p50(times: readonly number[]): number {
  return percentile(times, 50);
}

export function p99(times: readonly number[]): number {
  return percentile(times, 99);
}
